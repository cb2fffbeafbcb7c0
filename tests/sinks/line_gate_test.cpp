#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "model/clock.h"
#include "sinks/line_rate_limits.h"
#include "tests/support/capture.h"

// A sink of the user's own, seen by other units: a compiler may not warn that it is more visible
// than its gate.
struct SinkOfAnotherLibrary {
  langfuse::LineGate gate{langfuse::LineOptions()};
};

namespace langfuse::internal {
namespace {

constexpr std::int64_t second = 1'000'000'000;

LogLine line_at(const char* file, int number, const char* message) {
  LogLine line;
  line.severity = Severity::warning;
  line.message = message;
  line.logger = "net";
  line.file = file;
  line.function = "ask";
  line.line = number;
  return line;
}

std::vector<std::string> messages(const std::vector<DecodedSpan>& spans) {
  std::vector<std::string> messages;
  for (const DecodedSpan& span : spans) {
    if (span.name != "test-service") messages.push_back(span.text("langfuse.observation.input"));
  }
  return messages;
}

std::string log_of(const DecodedSpan& span) {
  return span.attribute("langfuse.observation.metadata.log");
}

TEST(LineGate, IsAMemberOfASinkOfAnotherLibrary) {
  Capture capture;
  SinkOfAnotherLibrary sink;

  EXPECT_TRUE(sink.gate.submit(line_at("a.cpp", 1, "x")));
  EXPECT_EQ(messages(capture.spans()), std::vector<std::string>{"x"});
}

TEST(LineLimits, HoldBackWhatExceedsTheNumberOfASecond) {
  Capture capture;
  LineLimits limits(2, 0);
  std::string passed;
  for (int i = 0; i < 4; ++i) passed += limits.admit(line_at("a.cpp", i, "x"), second) ? "y" : "n";
  passed += limits.admit(line_at("a.cpp", 9, "x"), 2 * second) ? "y" : "n";

  EXPECT_EQ(passed, "yynny");
  EXPECT_EQ(messages(capture.spans()),
            std::vector<std::string>{"held back 2 lines in 1 s, over the limit of 2"});
  EXPECT_EQ(capture.client().stats().rate_limited, 2u);
}

TEST(LineLimits, CountEachCallSiteByItself) {
  Capture capture;
  LineLimits limits(0, 1);

  EXPECT_TRUE(limits.admit(line_at("a.cpp", 1, "x"), second));
  EXPECT_FALSE(limits.admit(line_at("a.cpp", 1, "y"), second));
  EXPECT_TRUE(limits.admit(line_at("a.cpp", 2, "x"), second));
  EXPECT_TRUE(limits.admit(line_at("b.cpp", 1, "x"), second));
}

TEST(LineLimits, TakeLinesThatDifferInDigitsForOneCallSiteWhereNoPlaceIsKnown) {
  Capture capture;
  LineLimits limits(0, 1);

  EXPECT_TRUE(limits.admit(line_at("", 0, "took 12 ms"), second));
  EXPECT_FALSE(limits.admit(line_at("", 0, "took 9 ms"), second));
  EXPECT_TRUE(limits.admit(line_at("", 0, "took long"), second));
}

TEST(LineLimits, TellWhereAndWhatWasHeldBack) {
  Capture capture;
  LineLimits limits(0, 1);
  for (int i = 0; i < 121; ++i) limits.admit(line_at("a.cpp", 7, "slow"), second);

  limits.tell_all();
  limits.tell_all();

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(messages(spans),
            std::vector<std::string>{"held back 120 lines like this in 1 s: slow"});
  EXPECT_EQ(spans[1].name, "log.warning");
  EXPECT_EQ(spans[1].attribute("langfuse.observation.metadata.line"), "7");
  EXPECT_EQ(spans[1].parent_span_id, spans[0].span_id);  // the process root
}

// The mask sees the whole message, before the summary's example is cut: no part of a secret stays.
TEST(LineLimits, MaskTheExampleOfASummaryBeforeItIsCut) {
  Settings settings = capture_settings();
  settings.mask = [](std::string_view text) {
    const std::string_view secret = "secret-of-24-characters-";
    std::string masked(text);
    for (std::size_t at = masked.find(secret); at != std::string::npos; at = masked.find(secret)) {
      masked.replace(at, secret.size(), "***");
    }
    return masked;
  };
  Capture capture(std::move(settings));
  LineLimits limits(0, 1);
  for (const std::size_t before : {0u, 180u, 190u, 199u}) {
    const std::string message =
        std::string(before, 'x') + "secret-of-24-characters-" + std::string(300, 'y');
    const std::string file = std::to_string(before) + ".cpp";
    for (int i = 0; i < 2; ++i) limits.admit(line_at(file.c_str(), 1, message.c_str()), second);
  }
  limits.tell_all();

  std::size_t summaries = 0;
  for (const DecodedSpan& span : capture.spans()) {
    for (const char* const key :
         {"langfuse.observation.input", "langfuse.observation.status_message"}) {
      EXPECT_EQ(span.text(key).find("sec"), std::string::npos) << key;
    }
    if (span.text("langfuse.observation.input").find("held back") == 0) ++summaries;
  }
  EXPECT_EQ(summaries, 4u);
}

// In the middle of no character, and with how much is missing.
TEST(LineLimits, CutTheExampleOfASummaryBetweenCharacters) {
  Capture capture;
  LineLimits limits(0, 1);
  std::string message = "x";
  for (int i = 0; i < 150; ++i) message += "\u00E4";
  for (int i = 0; i < 2; ++i) limits.admit(line_at("a.cpp", 1, message.c_str()), second);
  limits.tell_all();

  const std::vector<std::string> said = messages(capture.spans());
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], ::testing::HasSubstr("\u00E4\u2026[truncated 102 bytes]"));
  EXPECT_EQ(said[0].find("\uFFFD"), std::string::npos);
}

TEST(LineLimits, CountExactlyWhenManyThreadsLog) {
  constexpr int threads = 4;
  constexpr int lines = 5000;
  Capture capture;
  LineLimits limits(100, 0);
  std::atomic<int> passed{0};
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      for (int line = 0; line < lines; ++line) passed += limits.admit(LogLine(), second);
    });
  }
  for (std::thread& thread : running) thread.join();

  EXPECT_EQ(passed, 100);
  EXPECT_EQ(capture.client().stats().rate_limited, threads * lines - 100u);
}

TEST(LineGate, TellsWhatItHeldBackAtAFlush) {
  Capture capture;
  LineOptions options;
  options.max_per_call_site = 1;
  LineGate gate(options);
  for (int i = 0; i < 5; ++i) gate.submit(line_at("a.cpp", 1, "slow"));

  langfuse::flush();

  // A new second may have begun meanwhile, so that more than one line went through.
  const std::vector<std::string> said = messages(capture.spans());
  EXPECT_GE(capture.client().stats().rate_limited, 3u);
  EXPECT_THAT(said, ::testing::Contains(::testing::HasSubstr("like this in 1 s: slow")));
}

TEST(LineGate, DropsLinesOutsideScopesWhereItsOptionsSaySo) {
  Capture capture;
  LineOptions options;
  options.drop_outside_scopes = true;
  LineGate gate(options);

  EXPECT_FALSE(gate.submit(line_at("a.cpp", 1, "dropped")));
  EXPECT_TRUE(submit(line_at("a.cpp", 1, "of another sink")));

  EXPECT_EQ(messages(capture.spans()), std::vector<std::string>{"of another sink"});
  EXPECT_EQ(capture.client().stats().dropped[DropReason::outside_scope], 1u);
}

TEST(LineGate, PutsLinesIntoTheirThreadsObservation) {
  Capture capture;
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);
  auto scope = observe("scope");
  LogLine line = line_at("a.cpp", 1, "slow");
  line.time_unix_nano = 1;  // a clock that is behind
  EXPECT_TRUE(gate.submit(line));
  line.logger = {};
  line.message = "bad\xFF";
  EXPECT_TRUE(gate.submit(line));
  scope.end();

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(log_of(span), "\"+0.000 ms warning net: slow\\n+0.000 ms warning: bad\xEF\xBF\xBD\"");
  EXPECT_EQ(capture.client().stats().submitted, 1u);
}

// Whatever scopes lie on top of the observation that the thread opened.
TEST(LineGate, PutsLinesIntoTheirThreadsObservationThroughScopes) {
  using Log = std::function<void()>;
  const std::vector<std::pair<const char*, std::function<void(const Context&, const Log&)>>> ways =
      {{"propagation",
        [](const Context&, const Log& log) {
          const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u"));
          log();
        }},
       {"a context",
        [](const Context&, const Log& log) {
          const ContextScope here(current_context());
          log();
        }},
       {"a context, then propagation",
        [](const Context& own, const Log& log) {
          const ContextScope here(own);
          const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u"));
          log();
        }},
       {"propagation, then a context",
        [](const Context& own, const Log& log) {
          const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u"));
          const ContextScope here(own);
          log();
        }},
       {"a bound callable", [](const Context&, const Log& log) { bind_context(log)(); }},
       {"a detour",
        [](const Context& own, const Log& log) {
          const ContextScope away{Context()};
          const ContextScope back(own);
          log();
        }},
       {"below an observation of its own", [](const Context& own, const Log& log) {
          auto inner = observe("inner");
          const ContextScope back(own);
          log();
        }}};
  Capture capture;
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);
  for (const auto& [name, inside] : ways) {
    SCOPED_TRACE(name);
    {
      auto scope = observe("scope");
      inside(scope.context(), [&gate] {
        LogLine line = line_at("a.cpp", 1, "slow");
        line.time_unix_nano = 1;
        EXPECT_TRUE(gate.submit(line));
      });
    }

    const std::vector<DecodedSpan> spans = capture.spans();
    EXPECT_EQ(log_of(spans.back()), "\"+0.000 ms warning net: slow\"");
    for (const DecodedSpan& span : spans) EXPECT_NE(span.name, "log.warning");
  }
}

TEST(LineGate, MakesAnEventOfALineInAContextOfAnotherObservation) {
  Capture capture;
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);
  {
    auto detached = start_observation("detached");
    auto scope = observe("scope");
    {
      const ContextScope elsewhere(detached.context());
      EXPECT_TRUE(gate.submit(line_at("a.cpp", 1, "below detached")));
    }
    const ContextScope nowhere{Context()};
    EXPECT_TRUE(gate.submit(line_at("a.cpp", 1, "outside")));
  }

  std::vector<std::string> events;
  for (const DecodedSpan& span : capture.spans()) {
    if (span.name == "log.warning") events.push_back(span.text("langfuse.observation.input"));
    EXPECT_EQ(log_of(span), "<absent>");
  }
  EXPECT_EQ(events, (std::vector<std::string>{"below detached", "outside"}));
}

TEST(LineGate, CutsTheLinesOfAnObservationWithAMark) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 20;
  Capture capture(settings);
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);
  auto scope = observe("scope");
  LogLine line;
  line.message = "0123456789";
  line.time_unix_nano = 1;
  for (int i = 0; i < 3; ++i) gate.submit(line);  // `+0.000 ms info: 0123456789\n`, 27 bytes
  scope.end();

  EXPECT_EQ(log_of(capture.only_span()),
            "\"+0.000 ms info: 0123\xE2\x80\xA6[truncated 60 bytes]\"");
}

TEST(LineGate, MakesAnEventOfALineThatHasNoObservationOfItsThread) {
  Capture capture;
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);

  gate.submit(line_at("a.cpp", 1, "outside"));
  auto scope = observe("scope");
  const Context context = scope.context();
  std::thread([&] {
    const ContextScope there(context);
    gate.submit(line_at("a.cpp", 1, "on another thread"));
  }).join();
  scope.end();
  gate.submit(line_at("a.cpp", 1, "after the end"));

  std::vector<std::string> events;
  for (const DecodedSpan& span : capture.spans()) {
    if (span.name == "log.warning") events.push_back(span.text("langfuse.observation.input"));
    EXPECT_EQ(log_of(span), "<absent>");
  }
  std::sort(events.begin(), events.end());  // threads have no order
  EXPECT_EQ(events, (std::vector<std::string>{"after the end", "on another thread", "outside"}));
}

// An observation that was handed on ends on its new thread while its old one still logs.
TEST(LineGate, LosesNoLineWhenAnotherThreadEndsTheObservation) {
  constexpr int rounds = 300;
  Capture capture;
  LineOptions options;
  options.into_observations = true;
  LineGate gate(options);
  for (int i = 0; i < rounds; ++i) {
    auto scope = observe("scope");
    std::thread ender([scope = std::move(scope)]() mutable { scope.end(); });
    LogLine line;
    line.message = "x";
    line.time_unix_nano = 1;
    gate.submit(line);
    ender.join();
  }

  int lines = 0;
  for (const DecodedSpan& span : capture.spans()) {
    lines += span.name == "log.info" || log_of(span) == "\"+0.000 ms info: x\"";
  }
  EXPECT_EQ(lines, rounds);
}

TEST(LogLineFields, BecomeMetadataUnderNamesThatAreFree) {
  Capture capture;
  auto scope = observe("scope");
  const LineField fields[] = {{"request", "r-7"}, {"logger", "theirs"}};
  LogLine line = line_at("a.cpp", 1, "x");
  line.fields = fields;
  line.field_count = 2;

  submit(line);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.metadata.request"), "r-7");
  EXPECT_EQ(span.text("langfuse.observation.metadata.logger"), "net");
  EXPECT_EQ(span.text("langfuse.observation.metadata.fields.logger"), "theirs");
}

}  // namespace
}  // namespace langfuse::internal

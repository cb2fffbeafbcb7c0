#include "langfuse/sinks/log_line.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

LogLine example_line() {
  LogLine line;
  line.severity = Severity::warning;
  line.message = "carrier API slow (1.1 s)";
  line.logger = "net.carrier";
  line.file = "net/carrier.cpp";
  line.function = "ask";
  line.line = 71;
  line.thread_id = 3312;
  return line;
}

std::string metadata(const DecodedSpan& span, const std::string& key) {
  return span.attribute("langfuse.observation.metadata." + key);
}

std::uint64_t sequence(const DecodedSpan& span) {
  return std::stoull(metadata(span, "sequence"));
}

TEST(LogLine, IsAnEventBelowTheCurrentObservation) {
  Settings settings = capture_settings();
  settings.environment = "staging";
  Capture capture(settings);
  auto scope = observe("scope");
  LogLine line = example_line();
  line.time_unix_nano = wall_now_ns();

  EXPECT_TRUE(submit(line));

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "log.warning");
  EXPECT_EQ(span.trace_id, scope.trace_id().hex().c_str());
  EXPECT_EQ(span.parent_span_id, scope.id().hex().c_str());
  EXPECT_EQ(span.start_unix_nano, static_cast<std::uint64_t>(line.time_unix_nano));
  EXPECT_EQ(span.end_unix_nano, span.start_unix_nano);
  EXPECT_EQ(attributes_text(span),
            "  langfuse.observation.metadata.sequence = " + std::to_string(sequence(span)) +
                "\n"
                "  langfuse.observation.metadata.logger = \"net.carrier\"\n"
                "  langfuse.observation.metadata.thread = 3312\n"
                "  langfuse.environment = \"staging\"\n"
                "  langfuse.observation.type = \"event\"\n"
                "  langfuse.observation.level = \"WARNING\"\n"
                "  langfuse.observation.input = \"carrier API slow (1.1 s)\"\n"
                "  langfuse.observation.status_message = \"carrier API slow (1.1 s)\"\n"
                "  langfuse.observation.metadata.file = \"net/carrier.cpp\"\n"
                "  langfuse.observation.metadata.function = \"ask\"\n"
                "  langfuse.observation.metadata.line = 71\n"
                "  status 0 \"\"\n");
}

// Cut logger, file, function and fields (a library's MDC) are counted as cut messages are.
TEST(LogLine, CountsEveryTextThatIsCut) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 8;
  settings.service_name = "a long service name";
  Capture capture(settings);
  const std::string long_text(9, 'x');
  const auto cut_by = [&](void (*change)(LogLine&, std::string_view)) {
    LogLine line;
    line.message = "message";
    line.logger = "logger";
    line.file = "file";
    line.function = "function";
    const std::uint64_t before = capture.client().stats().truncated;
    change(line, long_text);
    submit(line);
    return capture.client().stats().truncated - before;
  };
  {
    const auto scope = observe("scope");
    EXPECT_EQ(cut_by([](LogLine&, std::string_view) {}), 0u);
    EXPECT_EQ(cut_by([](LogLine& line, std::string_view text) { line.message = text; }), 1u);
    EXPECT_EQ(cut_by([](LogLine& line, std::string_view text) { line.logger = text; }), 1u);
    EXPECT_EQ(cut_by([](LogLine& line, std::string_view text) { line.file = text; }), 1u);
    EXPECT_EQ(cut_by([](LogLine& line, std::string_view text) { line.function = text; }), 1u);
    EXPECT_EQ(cut_by([](LogLine& line, std::string_view text) {
                const LineField fields[] = {{"name", text}, {text, "value"}, {text, text}};
                line.fields = fields;
                line.field_count = 3;
                submit(line);
                line.fields = nullptr;
                line.field_count = 0;
              }),
              4u);
  }
  // The process root, and the line below it, say the name of the service as that of the trace.
  EXPECT_EQ(cut_by([](LogLine&, std::string_view) {}), 2u);
}

// As everywhere: what a server before 3.214 would misread is no integer on the wire.
TEST(LogLine, HasNumbersThatEveryServerReadsRight) {
  Capture capture;
  auto scope = observe("scope");
  LogLine line = example_line();
  line.line = -1;
  line.thread_id = 3'000'000'000;
  submit(line);
  line.thread_id = 139'637'976'727'552;  // the address of a pthread
  submit(line);
  line.thread_id = (std::uint64_t{1} << 53) + 1;
  submit(line);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(metadata(spans[0], "line"), "-1 (double)");
  EXPECT_EQ(metadata(spans[0], "thread"), "3000000000 (double)");
  EXPECT_EQ(metadata(spans[1], "thread"), "139637976727552 (double)");
  EXPECT_EQ(metadata(spans[2], "thread"), "\"9007199254740993\"");
}

TEST(LogLine, HasTheNameAndLevelOfItsSeverity) {
  Capture capture;
  auto scope = observe("scope");
  for (int severity = 0; severity <= static_cast<int>(Severity::critical); ++severity) {
    LogLine line = example_line();
    line.severity = static_cast<Severity>(severity);
    submit(line);
  }

  std::string text;
  for (const DecodedSpan& span : capture.spans()) {
    text += span.name + " " + span.text("langfuse.observation.level") +
            (span.count("langfuse.observation.status_message") == 1 ? " message" : "") +
            (span.statuses.at(0).first == 2 ? " error" : "") + "\n";
  }
  EXPECT_EQ(text,
            "log.trace DEBUG\n"
            "log.debug DEBUG\n"
            "log.info DEFAULT\n"
            "log.warning WARNING message\n"
            "log.error ERROR message error\n"
            "log.critical ERROR message error\n");
}

TEST(LogLine, LeavesOutWhatIsNotKnown) {
  Capture capture;
  auto scope = observe("scope");
  LogLine line;
  line.function = "without a file";
  line.line = 7;

  submit(line);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.attribute("langfuse.observation.input"), "\"\"");
  for (const char* const key : {"logger", "file", "function", "line", "thread", "context"}) {
    EXPECT_EQ(metadata(span, key), "<absent>");
  }
  EXPECT_GT(span.start_unix_nano, 0u);
}

TEST(LogLine, IsRepairedAndCut) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 10;
  Capture capture(settings);
  auto scope = observe("scope");
  LogLine line;
  line.message = "bad\xFF and too long";
  line.logger = "log\xC3";

  submit(line);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.input"),
            "bad\xEF\xBF\xBD and\xE2\x80\xA6[truncated 9 bytes]");
  EXPECT_EQ(metadata(span, "logger"), "\"log\xEF\xBF\xBD\"");
}

TEST(LogLine, IsNumberedInTheOrderOfSubmission) {
  Capture capture;
  auto scope = observe("scope");
  for (int i = 0; i < 3; ++i) submit(example_line());

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(sequence(spans[1]), sequence(spans[0]) + 1);
  EXPECT_EQ(sequence(spans[2]), sequence(spans[0]) + 2);
}

TEST(LogLine, OutsideAnyScopeHangsUnderAProcessRootThatComesFirst) {
  Capture capture;
  submit(example_line());
  submit(example_line());

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  const DecodedSpan& root = spans[0];
  EXPECT_EQ(root.name, "test-service");
  EXPECT_EQ(root.parent_span_id, "");
  EXPECT_EQ(root.start_unix_nano, root.end_unix_nano);
  EXPECT_EQ(attributes_text(root),
            "  langfuse.observation.type = \"span\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.trace.name = \"test-service\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 0 \"\"\n");
  for (int i = 1; i <= 2; ++i) {
    EXPECT_EQ(spans[static_cast<std::size_t>(i)].parent_span_id, root.span_id);
    EXPECT_EQ(spans[static_cast<std::size_t>(i)].trace_id, root.trace_id);
    EXPECT_EQ(spans[static_cast<std::size_t>(i)].text("langfuse.trace.name"), "test-service");
    EXPECT_EQ(metadata(spans[static_cast<std::size_t>(i)], "context"), "<absent>");
  }
}

TEST(LogLine, OutsideAnyScopeIsNotSubjectToTheSampleRate) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  Capture capture(settings);

  EXPECT_TRUE(submit(example_line()));

  EXPECT_EQ(capture.spans().size(), 2u);
}

TEST(LogLine, OutsideAnyScopeIsDroppedAndCountedWhereThatIsWanted) {
  Settings settings = capture_settings();
  settings.drop_lines_outside_scopes = true;
  Capture capture(settings);

  EXPECT_FALSE(submit(example_line()));
  auto scope = observe("scope");
  EXPECT_TRUE(submit(example_line()));

  EXPECT_EQ(capture.spans().size(), 1u);
  EXPECT_EQ(capture.client().stats().dropped[DropReason::outside_scope], 1u);
  EXPECT_EQ(capture.client().stats().submitted, 2u);
}

TEST(LogLine, OfATraceOutOfTheSampleIsCountedAndNotSent) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  Capture capture(settings);
  auto scope = observe("scope");

  EXPECT_FALSE(submit(example_line()));

  EXPECT_EQ(capture.spans().size(), 0u);
  EXPECT_EQ(capture.client().stats().sampled_out, 1u);
}

TEST(LogLine, FromElsewhereNeverGetsTheCurrentParent) {
  Capture capture;
  auto scope = observe("scope");
  LogLine line = example_line();
  line.is_from_here = false;

  submit(line);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[1].parent_span_id, spans[0].span_id);
  EXPECT_EQ(spans[0].name, "test-service");
  EXPECT_EQ(metadata(spans[1], "context"), "\"unresolved\"");
}

TEST(LogLine, FromBeforeTheObservationIsUnresolvedBelowScopesToo) {
  Capture capture;
  auto scope = observe("scope");
  const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u"));
  const ContextScope here(current_context());
  LogLine line = example_line();

  line.time_unix_nano = wall_now_ns() - 10'000'000'000;
  submit(line);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[1].parent_span_id, spans[0].span_id);
  EXPECT_EQ(metadata(spans[1], "context"), "\"unresolved\"");
}

TEST(LogLine, FromBeforeTheScopeIsUnresolved) {
  Capture capture;
  auto scope = observe("scope");
  const std::int64_t now = wall_now_ns();
  LogLine line = example_line();

  line.time_unix_nano = now - 10'000'000'000;
  submit(line);
  // A logging library's coarse clock may be a little behind.
  line.time_unix_nano = now - 20'000'000;
  submit(line);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[1].parent_span_id, spans[0].span_id);
  EXPECT_EQ(metadata(spans[1], "context"), "\"unresolved\"");
  EXPECT_EQ(spans[2].parent_span_id, scope.id().hex().c_str());
  EXPECT_EQ(metadata(spans[2], "context"), "<absent>");
}

TEST(LogLine, OfTheLibraryItselfIsIgnored) {
  Capture capture;
  {
    const LibraryScope inside;
    EXPECT_FALSE(submit(example_line()));
  }

  EXPECT_EQ(capture.spans().size(), 0u);
  EXPECT_EQ(capture.client().stats().submitted, 0u);
}

// Those above info carry the message two or three times.
TEST(LogLine, ThatIsTooLargeIsCutWhateverItsSeverity) {
  Settings settings = capture_settings();
  settings.record_max_bytes = 1200;
  Capture capture(settings);
  auto scope = observe("scope");
  const std::string message(1000, 'x');
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error}) {
    LogLine line;
    line.severity = severity;
    line.message = message;
    EXPECT_TRUE(submit(line));
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  for (const DecodedSpan& span : spans) {
    EXPECT_NE(span.text("langfuse.observation.input").find("xx\xE2\x80\xA6[truncated "),
              std::string::npos);
    ASSERT_EQ(span.statuses.size(), 1u);
    EXPECT_EQ(span.statuses[0].first, span.name == "log.error" ? 2 : 0);
  }
}

TEST(LogLine, ThatIsTooLargeIsCutAndCounted) {
  Settings settings = capture_settings();
  settings.record_max_bytes = 1000;
  Capture capture(settings);
  auto scope = observe("scope");
  const std::string message(1000, 'x');
  LogLine line;
  line.message = message;

  EXPECT_TRUE(submit(line));

  const std::string input = capture.only_span().text("langfuse.observation.input");
  const std::size_t kept = input.find_first_not_of('x');
  EXPECT_EQ(input.substr(kept),
            "\xE2\x80\xA6[truncated " + std::to_string(1000 - kept) + " bytes]");
  EXPECT_EQ(capture.client().stats().truncated, 1u);
}

TEST(LogLine, ThatIsTooLargeWithoutItsTextsIsDroppedAndCounted) {
  Settings settings = capture_settings();
  settings.record_max_bytes = 100;
  Capture capture(settings);
  auto scope = observe("scope");

  EXPECT_FALSE(submit(LogLine()));

  EXPECT_EQ(capture.client().stats().dropped[DropReason::too_large], 1u);
}

TEST(LogLine, IsNothingWhenNothingIsConfigured) {
  if (Client::current() != nullptr) {
    Capture capture;  // another test of this process has left a closed client: the door says no
  }

  EXPECT_FALSE(submit(example_line()));
  wake();
}

// Four threads, in and out of scopes: every line arrives once, and below the right parent.
TEST(LogLine, OfManyThreadsAllArrive) {
  constexpr int threads = 4;
  constexpr int rounds = 500;
  Capture capture;
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([thread] {
      for (int i = 0; i < rounds; ++i) {
        LogLine line;
        const std::string name = std::to_string(thread) + ":" + std::to_string(i);
        line.message = name;
        auto scope = observe(name);
        submit(line);
        scope.end();
        line.message = "outside";
        submit(line);
      }
    });
  }
  for (std::thread& thread : running) thread.join();

  int outside = 0;
  int roots = 0;
  std::map<std::string, std::string> parents;
  std::map<std::string, std::string> scopes;
  for (const DecodedSpan& span : capture.spans()) {
    if (span.name == "test-service") {
      ++roots;
    } else if (span.name != "log.info") {
      scopes[span.name] = span.span_id;
    } else if (span.text("langfuse.observation.input") == "outside") {
      ++outside;
    } else {
      parents[span.text("langfuse.observation.input")] = span.parent_span_id;
    }
  }
  EXPECT_EQ(outside, threads * rounds);
  // 2 000 lines fill two roots; threads that see the new client together may open one each.
  EXPECT_GE(roots, 2);
  EXPECT_LE(roots, 2 + threads - 1);
  EXPECT_EQ(scopes.size(), std::size_t{threads} * rounds);
  EXPECT_EQ(parents, scopes);
}

}  // namespace
}  // namespace langfuse::internal

#include "tracing/held_traces.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/score.h"
#include "langfuse/tracing/start_observation.h"
#include "model/random_ids.h"
#include "tests/support/capture.h"
#include "tests/support/sanitizers.h"

namespace langfuse::internal {
namespace {

Settings unsampled_settings() {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  settings.keep_on_error = true;
  return settings;
}

std::string names(const std::vector<DecodedSpan>& spans) {
  std::vector<std::string> sorted;
  for (const DecodedSpan& span : spans) sorted.push_back(span.name);
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (const std::string& name : sorted) text += name + " ";
  return text;
}

void pass_through(std::string_view name) {
  const auto observation = observe(name);
}

void log_an_error() {
  LogLine line;
  line.severity = Severity::error;
  submit(line);
}

TEST(KeepOnError, ForgetsATraceInWhichNothingGoesWrong) {
  Capture capture(unsampled_settings());
  {
    auto root = observe("root");
    pass_through("child");
    submit(LogLine());
    EXPECT_EQ(capture.client().stats().held, 2u);
    EXPECT_EQ(flush().pending, 0u);
  }

  EXPECT_EQ(capture.spans().size(), 0u);
  const Stats stats = capture.client().stats();
  EXPECT_EQ(stats.held, 0u);
  EXPECT_EQ(stats.sampled_out, 3u);
  EXPECT_EQ(stats.submitted, 0u);
}

TEST(KeepOnError, SendsTheWholeTraceAtItsFirstError) {
  Capture capture(unsampled_settings());
  {
    auto root = observe("root");
    pass_through("before");
    {
      auto failing = observe("failing");
      failing.set_level(Level::error);
    }
    EXPECT_EQ(names(capture.spans()), "before failing ");
    pass_through("after");
    EXPECT_EQ(names(capture.spans()), "after ");
  }

  EXPECT_EQ(names(capture.spans()), "root ");
  EXPECT_EQ(capture.client().stats().sampled_out, 0u);
}

TEST(KeepOnError, TakesALineForAnErrorToo) {
  Capture capture(unsampled_settings());
  auto root = observe("root");
  pass_through("before");

  log_an_error();

  EXPECT_EQ(names(capture.spans()), "before log.error ");
}

TEST(KeepOnError, SendsARootThatFailsItself) {
  Capture capture(unsampled_settings());
  {
    auto root = observe("root");
    pass_through("child");
    root.set_level(Level::error);
  }

  EXPECT_EQ(names(capture.spans()), "child root ");
}

TEST(KeepOnError, TellsTracesApart) {
  Capture capture(unsampled_settings());
  auto good = start_observation("good");
  auto bad = start_observation("bad");
  {
    const ContextScope scope(good.context());
    pass_through("good child");
  }
  {
    const ContextScope scope(bad.context());
    log_an_error();
  }
  good.end();
  bad.end();

  EXPECT_EQ(names(capture.spans()), "bad log.error ");
  EXPECT_EQ(capture.client().stats().sampled_out, 2u);
}

TEST(KeepOnError, LetsScoresWaitWithTheirTrace) {
  Capture capture(unsampled_settings());
  {
    auto good = observe("good");
    good.score("relevance", 0.5);
    EXPECT_EQ(capture.client().stats().held, 1u);
  }
  EXPECT_EQ(capture.client().stats().submitted, 0u);
  auto bad = observe("bad");
  bad.score("relevance", 0.5);
  create_score([&] {
    Score score("of the trace", 1);
    score.trace_id = bad.trace_id();
    return score;
  }());

  log_an_error();

  EXPECT_EQ(capture.client().stats().submitted, 3u);
}

TEST(KeepOnError, DoesNotTellOthersThatATraceIsSampled) {
  Capture capture(unsampled_settings());
  auto root = observe("root");

  const std::string header = traceparent(root.context()).c_str();

  EXPECT_EQ(header.substr(header.size() - 3), "-00");
}

TEST(KeepOnError, ForgetsTheOldestTraceWhenThereAreTooMany) {
  Settings settings = unsampled_settings();
  settings.held_max_traces = 2;
  Capture capture(settings);
  std::vector<Observation> roots;
  for (const char* const name : {"first", "second", "third"}) {
    roots.push_back(start_observation(name));
    const ContextScope scope(roots.back().context());
    pass_through("child");
  }

  for (Observation& root : roots) {
    root.set_level(Level::error);
    root.end();
  }

  EXPECT_EQ(names(capture.spans()), "child child second third ");
  EXPECT_EQ(capture.client().stats().sampled_out, 2u);
  EXPECT_EQ(capture.client().stats().held, 0u);
}

TEST(KeepOnError, NeverForgetsAReleasedTraceThatGoesOn) {
  Settings settings = unsampled_settings();
  settings.held_max_traces = 2;
  Capture capture(settings);
  auto long_root = start_observation("long root", ObservationOptions().set_root());
  {
    auto failing =
        start_observation("failing", ObservationOptions().set_parent(long_root.context()));
    failing.set_level(Level::error);
  }
  for (int i = 0; i < 5; ++i) {
    auto other = observe("other", ObservationType::span, Context());
    if (i % 2 == 0) other.set_level(Level::error);
  }

  long_root.end();

  EXPECT_EQ(names(capture.spans()), "failing long root other other other ");
}

TEST(KeepOnError, HoldsAsManyTracesAsItMayWhateverWasReleasedBefore) {
  Settings settings = unsampled_settings();
  settings.held_max_traces = 2;
  Capture capture(settings);
  auto held = start_observation("held", ObservationOptions().set_root());
  for (int i = 0; i < 3; ++i) {
    auto other = observe("other", ObservationType::span, Context());
    other.set_level(Level::error);
  }

  held.set_level(Level::error);
  held.end();

  EXPECT_EQ(names(capture.spans()), "held other other other ");
}

TEST(KeepOnError, HoldsNoMoreBytesThanItMay) {
  Settings settings = unsampled_settings();
  settings.held_max_bytes = 10'000;
  Capture capture(settings);
  auto root = observe("root");
  const std::string text(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    auto child = observe("child");
    child.set_input(text);
  }

  log_an_error();

  EXPECT_EQ(capture.spans().size(), 0u);  // forgotten as a whole
  EXPECT_EQ(capture.client().stats().held, 0u);
  EXPECT_EQ(capture.client().stats().sampled_out, 101u);
}

TEST(KeepOnError, CountsEveryRecordOnceWhateverThreadsDo) {
  Settings settings = unsampled_settings();
  settings.held_max_traces = 3;
  Capture capture(settings);
  constexpr int threads = 4;
  constexpr int traces = 200;
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([] {
      for (int i = 0; i < traces; ++i) {
        auto root = observe("root");
        pass_through("child");
        if (i % 3 == 0) log_an_error();
        pass_through("child");
      }
    });
  }
  for (std::thread& thread : running) thread.join();

  const std::size_t sent = capture.spans().size();
  const Stats stats = capture.client().stats();
  const std::uint64_t records = threads * (traces * 3 + (traces + 2) / 3);
  EXPECT_EQ(stats.held, 0u);
  EXPECT_EQ(stats.submitted, sent);
  EXPECT_EQ(stats.submitted + stats.sampled_out, records);
}

TEST(KeepOnError, EndsWithItsClientWhatIsHeld) {
  Capture first(unsampled_settings());
  auto root = observe("root");
  pass_through("child");
  Client& client = first.client();
  EXPECT_EQ(client.stats().held, 1u);
  shutdown();

  Capture second(unsampled_settings());
  {
    const auto other = observe("other", ObservationType::span, Context());
    log_an_error();
  }
  EXPECT_EQ(client.stats().held, 0u);
  EXPECT_EQ(client.stats().sampled_out, 1u);
  root.end();
  EXPECT_EQ(client.stats().sampled_out, 2u);
  EXPECT_EQ(names(second.spans()), "log.error other ");
}

// ThreadSanitizer gives up where a forked child starts a thread, and AddressSanitizer's own locks
// stay taken in the child of a busy process.
#if !LANGFUSE_TEST_HAS_TSAN && !LANGFUSE_TEST_HAS_ASAN
// A thread that the child does not have may have been about to hold or release something.
TEST(KeepOnError, WorksInAForkedChildWhateverThreadsOfItsParentDo) {
  constexpr unsigned longest_seconds = 60;
  Settings settings = unsampled_settings();
  settings.held_max_traces = 10'000;  // so that the lock is held most of the time
  Capture capture(settings);
  std::atomic<bool> is_over{false};
  std::vector<std::thread> busy;
  for (int t = 0; t < 3; ++t) {
    busy.emplace_back([&] {
      const auto root = observe("root");
      while (!is_over) pass_through("child");
    });
  }
  auto inherited = observe("inherited");
  for (int i = 0; i < 10; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(longest_seconds);
      Client::forget();
      inherited.end();
      Capture own(unsampled_settings());
      {
        const auto root = observe("root");
        log_an_error();
        score_current_trace("s", 1.0);
      }
      _exit(names(own.spans()) == "log.error root " ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  is_over = true;
  for (std::thread& thread : busy) thread.join();
}
#endif

TEST(Sampler, HasTheLastWord) {
  Settings settings = capture_settings();
  settings.sample_rate = 0.5;
  settings.sampler = [](const SamplingInput& input) { return input.root_name == "keep"; };
  Capture capture(settings);
  for (int i = 0; i < 20; ++i) {
    pass_through("keep");
    const auto root = observe("not this");
    pass_through("keep");  // a child follows its root
  }

  EXPECT_EQ(capture.spans().size(), 20u);
  EXPECT_EQ(capture.client().stats().sampled_out, 40u);
}

TEST(Sampler, ThatThrowsLeavesItAtTheRate) {
  Settings settings = capture_settings();
  settings.sampler = [](const SamplingInput&) -> bool { throw 1; };
  Capture capture(settings);

  pass_through("root");

  EXPECT_EQ(capture.only_span().name, "root");
}

}  // namespace
}  // namespace langfuse::internal

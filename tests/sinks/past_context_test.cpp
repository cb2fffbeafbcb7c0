// Lines that come out on another thread than the one that logged them, with the real library behind
// the door; `programs/async_parents.cpp` does the same in earnest.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "model/clock.h"
#include "pipeline/thread.h"
#include "tests/support/capture.h"
#include "tracing/context/context_history.h"
#include "tracing/context/context_ring.h"

namespace langfuse::internal {
namespace {

// As a pool thread gets it.
LogLine line_of_this_thread() {
  LogLine line;
  line.message = "x";
  line.thread_id = os_thread_id();
  line.is_from_here = false;
  line.has_exact_time = true;
  // Behind what happened just now, whatever the resolution of the clock.
  const std::int64_t now = wall_now_ns();
  while (line.time_unix_nano <= now) line.time_unix_nano = wall_now_ns();
  return line;
}

void submit_elsewhere(const LogLine& line) {
  while (wall_now_ns() <= line.time_unix_nano) {
  }
  std::thread([&line] { submit(line); }).join();
}

void open_and_end(const char* name) {
  const auto scope = observe(name);
}

struct PastContext : ::testing::Test {
  PastContext() {
    submit_elsewhere(line_of_this_thread());  // the recording begins
    capture.spans();
  }

  // The parent of the only line, or "unresolved".
  std::string parent() {
    for (const DecodedSpan& span : capture.spans()) {
      if (span.name != "log.info") continue;
      line_span = span;
      return span.count("langfuse.observation.metadata.context") == 1 ? "unresolved"
                                                                      : span.parent_span_id;
    }
    return "no line";
  }

  Capture capture;
  DecodedSpan line_span;
};

TEST_F(PastContext, IsTheScopeThatWasOpenThen) {
  auto outer = observe("outer");
  const std::string outer_id = outer.id().hex().c_str();
  LogLine inside_inner;
  {
    auto inner = observe("inner");
    inside_inner = line_of_this_thread();
  }
  outer.end();

  submit_elsewhere(inside_inner);

  std::string inner_id;
  std::string line_parent;
  for (const DecodedSpan& span : capture.spans()) {
    if (span.name == "inner") inner_id = span.span_id;
    if (span.name == "log.info") line_parent = span.parent_span_id;
  }
  EXPECT_EQ(line_parent, inner_id);
  EXPECT_NE(line_parent, outer_id);
}

TEST_F(PastContext, IsTheOuterScopeAfterTheInnerOne) {
  auto outer = observe("outer");
  open_and_end("inner");
  const LogLine line = line_of_this_thread();

  submit_elsewhere(line);

  EXPECT_EQ(parent(), outer.id().hex().c_str());
}

TEST_F(PastContext, IsNoneBetweenScopes) {
  open_and_end("before");
  const LogLine line = line_of_this_thread();
  open_and_end("after");

  submit_elsewhere(line);

  EXPECT_NE(parent(), "unresolved");
  EXPECT_EQ(line_span.text("langfuse.trace.name"), "test-service");
}

TEST_F(PastContext, HasWhatItPropagates) {
  auto scope = observe("scope");
  LogLine line;
  {
    const auto user = propagate_attributes(PropagatedAttributes().set_user_id("user-7"));
    line = line_of_this_thread();
  }

  submit_elsewhere(line);

  EXPECT_EQ(parent(), scope.id().hex().c_str());
  EXPECT_EQ(line_span.text("user.id"), "user-7");
}

TEST_F(PastContext, IsUnknownBeforeTheRecordingOfTheThread) {
  LogLine line;
  std::thread([&line] {
    line = line_of_this_thread();
    open_and_end("first");
  }).join();

  submit_elsewhere(line);

  EXPECT_EQ(parent(), "unresolved");
}

TEST_F(PastContext, IsUnknownAfterTheThread) {
  LogLine line;
  std::thread([&line] {
    open_and_end("scope");
    line.thread_id = os_thread_id();
  }).join();
  const std::uint64_t thread_id = line.thread_id;
  line = line_of_this_thread();
  line.thread_id = thread_id;

  submit_elsewhere(line);

  EXPECT_EQ(parent(), "unresolved");
}

TEST_F(PastContext, IsKnownOfAThreadThatHasEnded) {
  LogLine line;
  std::string scope_id;
  std::thread([&] {
    auto scope = observe("scope");
    scope_id = scope.id().hex().c_str();
    line = line_of_this_thread();
  }).join();

  submit_elsewhere(line);

  EXPECT_EQ(parent(), scope_id);
}

TEST_F(PastContext, IsUnknownOnceTheRingHasBeenOverwritten) {
  auto scope = observe("scope");
  const LogLine line = line_of_this_thread();
  for (std::uint64_t i = 0; i < context_history_size; ++i) open_and_end("later");
  capture.spans();

  submit_elsewhere(line);

  EXPECT_EQ(parent(), "unresolved");
}

TEST_F(PastContext, IsUnknownWhenAnotherThreadEndedTheObservation) {
  auto outer = observe("outer");
  auto moved = observe("moved");
  std::thread([moved = std::move(moved)]() mutable { moved.end(); }).join();
  const LogLine line = line_of_this_thread();

  submit_elsewhere(line);
  EXPECT_EQ(parent(), "unresolved");

  open_and_end("the thread looks");
  submit_elsewhere(line);
  EXPECT_EQ(parent(), "unresolved");
}

TEST_F(PastContext, IsUnknownAtTheTickOfAChange) {
  // A line for each tick around a change: those before have none, those after have the scope.
  open_and_end("before");
  const LogLine before = line_of_this_thread();
  auto scope = observe("scope");
  LogLine line = line_of_this_thread();
  const std::int64_t end = line.time_unix_nano;
  int unresolved = 0;
  Context found;
  for (std::int64_t time = before.time_unix_nano; time < end; ++time) {
    if (!find_past_context(capture.client(), line.thread_id, time, found)) ++unresolved;
  }

  EXPECT_EQ(unresolved, 1);
}

TEST_F(PastContext, IsUnknownInTheFuture) {
  auto scope = observe("scope");
  LogLine line = line_of_this_thread();
  line.time_unix_nano += 3'600'000'000'000;

  std::thread([&line] { submit(line); }).join();

  EXPECT_EQ(parent(), "unresolved");
}

TEST_F(PastContext, IsUnknownForALineOfACoarseClockOrOfNoThread) {
  auto scope = observe("scope");
  LogLine coarse = line_of_this_thread();
  coarse.has_exact_time = false;
  LogLine nobodys = line_of_this_thread();
  nobodys.thread_id = 0;

  submit_elsewhere(coarse);
  EXPECT_EQ(parent(), "unresolved");
  submit_elsewhere(nobodys);
  EXPECT_EQ(parent(), "unresolved");
}

TEST_F(PastContext, IsUnknownFromTheTimeOfAnotherClient) {
  auto scope = observe("scope");
  const LogLine line = line_of_this_thread();
  Context found;
  EXPECT_TRUE(find_past_context(capture.client(), line.thread_id, line.time_unix_nano, found));
  capture.client().shutdown(std::chrono::steady_clock::now() + std::chrono::seconds(60));

  const Capture next;
  submit_elsewhere(line);

  EXPECT_FALSE(find_past_context(*Client::current(), line.thread_id, line.time_unix_nano, found));
}

// Before any line has come: a sink is there that may be one of an asynchronous logger.
struct ContextTrial : PastContext {
  ContextTrial() { forget_context_recording(); }
  ~ContextTrial() override { record_contexts(); }

  static bool is_recording() { return (context_recording.load() & context_recording_mask) != 0; }
};

TEST_F(ContextTrial, ResolvesTheLinesOfTheFirstScope) {
  begin_context_trial();
  auto scope = observe("first");
  const LogLine line = line_of_this_thread();

  submit_elsewhere(line);

  EXPECT_EQ(parent(), scope.id().hex().c_str());
}

// A program may make its sinks, or have them watched, inside of its first scope.
TEST_F(ContextTrial, KnowsTheScopeInWhichItBegan) {
  for (void (*const begin)() noexcept : {&begin_context_trial, &record_contexts}) {
    forget_context_recording();
    auto scope = observe("first");
    begin();
    const LogLine line = line_of_this_thread();

    submit_elsewhere(line);

    EXPECT_EQ(parent(), scope.id().hex().c_str());
  }
}

TEST_F(ContextTrial, LastsUntilTheLastSinkHasShownItself) {
  EXPECT_FALSE(is_recording());
  begin_context_trial();
  begin_context_trial();
  end_context_trial();
  EXPECT_TRUE(is_recording());
  end_context_trial();
  EXPECT_FALSE(is_recording());

  begin_context_trial();
  EXPECT_TRUE(is_recording());
  record_contexts();
  end_context_trial();
  EXPECT_TRUE(is_recording());
}

TEST_F(ContextTrial, LastsForSoManyChangesOfAllThreads) {
  begin_context_trial();
  for (std::uint64_t change = 0; change < context_history_size - 2; change += 2) {
    open_and_end("scope");
    if (change % 1024 == 0) capture.spans();
  }
  EXPECT_TRUE(is_recording());
  std::thread([] {
    open_and_end("scope");
    open_and_end("scope");
  }).join();

  EXPECT_FALSE(is_recording());
  end_context_trial();
  begin_context_trial();
  EXPECT_FALSE(is_recording());
}

TEST_F(ContextTrial, LeavesNothingThatALaterRecordingWouldTakeForCurrent) {
  begin_context_trial();
  auto outer = observe("outer");
  end_context_trial();
  auto inner = observe("inner");  // nothing records it
  std::thread([] { record_contexts(); }).join();
  const LogLine line = line_of_this_thread();

  submit_elsewhere(line);

  EXPECT_EQ(parent(), "unresolved");
}

// Blocks are given back by their threads while other threads take them out of the rings.
TEST_F(PastContext, SurvivesReadersWhileAttributesComeAndGo) {
  constexpr int writers = 2;
  constexpr int rounds = 20'000;
  std::atomic<std::uint64_t> ids[writers] = {};
  std::atomic<int> running{writers};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      ids[writer] = os_thread_id();
      for (int i = 0; i < rounds; ++i) {
        const auto user = propagate_attributes(PropagatedAttributes().set_user_id("u"));
      }
      --running;
    });
  }
  threads.emplace_back([&] {
    while (running > 0) {
      for (const auto& id : ids) {
        Context found;
        if (find_past_context(capture.client(), id, wall_now_ns(), found) &&
            found.span.is_valid()) {
          ++wrong;
        }
      }
    }
  });
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace langfuse::internal

// Observations that cross threads, and threads that end around them.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

template <class F>
void on_other_thread(F f) {
  std::thread(std::move(f)).join();
}

TEST(Threads, HaveTheirOwnCurrentContext) {
  Capture capture;
  auto here = observe("here");
  on_other_thread([] {
    EXPECT_FALSE(current_context().is_valid());
    auto there = observe("there");
    EXPECT_EQ(current_context().span.span_id, there.id());
  });

  EXPECT_EQ(current_context().span.span_id, here.id());
}

TEST(Threads, MayEndEachOthersObservations) {
  Capture capture;
  auto outer = observe("outer");
  auto observation = observe("handed over");
  on_other_thread([moved = std::move(observation)]() mutable {
    moved.set_output("from there");
    moved.end();
  });

  EXPECT_EQ(current_context().span.span_id, outer.id());
  EXPECT_EQ(capture.only_span().text("langfuse.observation.output"), "from there");
}

// The state of an ended observation is used again; a frame that remembers it must not come to life.
TEST(Threads, AreNotMisledByAStateThatIsUsedAgain) {
  Capture capture;
  auto observation = observe("handed over");
  on_other_thread([moved = std::move(observation)]() mutable {
    moved.end();
    auto next = observe("probably the same state");
    on_other_thread([&next] { next.set_input("still open"); });
  });

  EXPECT_FALSE(current_context().is_valid());
}

TEST(Threads, CarryAContextIntoAnother) {
  Capture capture;
  auto parent = observe("parent");
  on_other_thread([context = parent.context()] {
    const ContextScope scope(context);
    auto child = observe("child");
  });

  const DecodedSpan child = capture.only_span();
  EXPECT_EQ(child.parent_span_id, parent.id().hex().c_str());
  EXPECT_EQ(child.attribute("langfuse.internal.is_app_root"), "<absent>");
}

// Begins on some threads, ends on others, through a queue: every observation arrives once.
TEST(Threads, HandOverThousandsOfObservations) {
  constexpr int observations_a_thread = 2000;
  constexpr int pairs = 3;
  Capture capture;
  std::mutex mutex;
  std::condition_variable filled;
  std::deque<Observation> queue;
  std::vector<std::thread> threads;
  for (int pair = 0; pair < pairs; ++pair) {
    threads.emplace_back([&] {
      for (int i = 0; i < observations_a_thread; ++i) {
        auto observation = observe("handed over");
        observation.set_metadata("number", i);
        auto child = observe("child");
        child.end();
        const std::lock_guard<std::mutex> lock(mutex);
        queue.push_back(std::move(observation));
        filled.notify_one();
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < observations_a_thread; ++i) {
        std::unique_lock<std::mutex> lock(mutex);
        filled.wait(lock, [&] { return !queue.empty(); });
        Observation observation = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        observation.set_output(i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::set<std::string> ids;
  int handed_over = 0;
  for (const DecodedSpan& span : capture.spans()) {
    ids.insert(span.span_id);
    if (span.name == "handed over" && span.count("langfuse.observation.output") == 1) ++handed_over;
  }
  EXPECT_EQ(ids.size(), 2u * pairs * observations_a_thread);
  EXPECT_EQ(handed_over, pairs * observations_a_thread);
  EXPECT_EQ(open_observations(), 0u);
}

// Constructed before the thread's first observation, and so destroyed after all that the library
// keeps for the thread.
struct ObservesAtThreadExit {
  std::atomic<int>* count = nullptr;

  ~ObservesAtThreadExit() {
    if (count == nullptr) return;
    // More than the thread has room for without memory of its own.
    std::vector<Observation> open;
    for (int i = 0; i < 50; ++i) {
      open.push_back(observe("at thread exit"));
      EXPECT_TRUE(open.back().id().is_valid());
      ++*count;
    }
    const ContextScope scope{Context()};
  }
};

thread_local ObservesAtThreadExit observes_at_thread_exit;

TEST(Threads, MayObserveInDestructorsOfThreadLocals) {
  Capture capture;
  std::atomic<int> count{0};
  on_other_thread([&count] {
    observes_at_thread_exit.count = &count;
    std::vector<Observation> open;
    for (int i = 0; i < 100; ++i) open.push_back(observe("in the thread"));
  });
  // And on a thread that never observed anything before.
  on_other_thread([&count] { observes_at_thread_exit.count = &count; });

  EXPECT_EQ(count.load(), 100);
  EXPECT_EQ(capture.spans().size(), 200u);
}

thread_local std::vector<Observation> ends_at_thread_exit;

TEST(Threads, EndWhatTheirThreadLocalsHold) {
  Capture capture;
  on_other_thread([] {
    ends_at_thread_exit.reserve(100);
    for (int i = 0; i < 100; ++i) ends_at_thread_exit.push_back(observe("held"));
  });

  EXPECT_EQ(capture.spans().size(), 100u);
  EXPECT_EQ(open_observations(), 0u);
}

}  // namespace
}  // namespace langfuse::internal

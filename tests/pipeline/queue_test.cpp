#include "pipeline/queue.h"

#include <gtest/gtest.h>

#include <future>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

constexpr QueueLimits ample{1'000'000, 1'000'000'000};

Queue& make_queue(QueueLimits limits) {
  // Queues are never destroyed: threads keep slots in them. The list keeps leak checkers quiet.
  static std::vector<Queue*>* const queues = new std::vector<Queue*>();
  static std::list<DropCounters>* const dropped = new std::list<DropCounters>();
  dropped->emplace_back();
  queues->push_back(new Queue(limits, dropped->back()));
  queues->back()->set_wake([] {});
  return *queues->back();
}

std::vector<RecordPtr> pop_all(Queue& queue) {
  std::vector<RecordPtr> result;
  QueuedRecord records[64];
  for (ProducerSlot* slot = queue.slots(); slot != nullptr; slot = slot->next) {
    while (const std::size_t count = queue.pop(*slot, records, 64)) {
      for (std::size_t i = 0; i < count; ++i) result.emplace_back(records[i].record);
    }
  }
  return result;
}

TEST(Queue, GivesBackWhatOneThreadPushedInOrder) {
  Queue& queue = make_queue(ample);

  for (int i = 0; i < 100; ++i) EXPECT_TRUE(queue.push(make_record(std::to_string(i))));

  const std::vector<RecordPtr> records = pop_all(queue);
  ASSERT_EQ(records.size(), 100u);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(records[i]->bytes(), std::to_string(i));
    EXPECT_EQ(records[i]->sequence, i + 1);
  }
}

TEST(Queue, DropsTheNewestBeyondTheLimitOfRecordsExactly) {
  Queue& queue = make_queue({1'000, 1'000'000'000});

  int taken = 0;
  for (int i = 0; i < 1'500; ++i) taken += queue.push(make_record()) ? 1 : 0;

  EXPECT_EQ(taken, 1'000);
  EXPECT_EQ(queue.refused()[DropReason::queue_full], 500u);
  EXPECT_EQ(queue.held_records(), 1'000u);
  EXPECT_EQ(pop_all(queue).size(), 1'000u);
}

TEST(Queue, DropsBeyondTheLimitOfBytesExactly) {
  const std::size_t footprint = make_record("0123456789")->footprint();
  Queue& queue = make_queue({1'000, 10 * footprint});

  int taken = 0;
  for (int i = 0; i < 15; ++i) taken += queue.push(make_record("0123456789")) ? 1 : 0;

  EXPECT_EQ(taken, 10);
  EXPECT_EQ(queue.refused()[DropReason::queue_bytes], 5u);
  EXPECT_EQ(queue.held_bytes(), 10 * footprint);
  EXPECT_EQ(pop_all(queue).size(), 10u);
}

TEST(Queue, LeavesAQuarterOfItsRoomToObservations) {
  Queue& queue = make_queue({100, 1'000'000'000});

  int lines = 0;
  int spans = 0;
  for (int i = 0; i < 100; ++i)
    lines += queue.push(make_record("line", RecordKind::log_line)) ? 1 : 0;
  for (int i = 0; i < 100; ++i) spans += queue.push(make_record("span")) ? 1 : 0;

  EXPECT_EQ(lines, 75);
  EXPECT_EQ(spans, 25);
  EXPECT_EQ(pop_all(queue).size(), 100u);
}

TEST(Queue, HasRoomAgainWhenRecordsAreSettled) {
  Queue& queue = make_queue({1, 1'000'000});
  ASSERT_TRUE(queue.push(make_record()));
  const std::vector<RecordPtr> records = pop_all(queue);
  ASSERT_FALSE(queue.push(make_record()));

  queue.release(1, records[0]->footprint());

  EXPECT_TRUE(queue.push(make_record()));
  EXPECT_EQ(pop_all(queue).size(), 1u);
}

TEST(Queue, RefusesEverythingOnceClosed) {
  Queue& queue = make_queue(ample);

  queue.close();

  EXPECT_FALSE(queue.push(make_record()));
  EXPECT_TRUE(queue.is_quiet());
  EXPECT_EQ(queue.refused()[DropReason::after_shutdown], 1u);
  EXPECT_EQ(queue.held_records(), 0u);
}

// Every push that returned true before the queue was closed and quiet is in it; every other one was
// refused.
TEST(Queue, LosesNothingWhenItIsClosedUnderFire) {
  for (int round = 0; round < 200; ++round) {
    Queue& queue = make_queue(ample);
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> offered{0};
    std::promise<void> is_running;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 1'000; ++n) {
          offered.fetch_add(1);
          if (!queue.push(make_record())) break;
          taken.fetch_add(1);
          if (i == 0 && n == 10) is_running.set_value();
        }
      });
    }
    is_running.get_future().wait();

    queue.close();
    while (!queue.is_quiet()) std::this_thread::yield();
    std::uint64_t marked = 0;
    for (const Watermark& mark : queue.watermarks()) marked += mark.pushed;
    const std::uint64_t popped = pop_all(queue).size();
    for (std::thread& thread : threads) thread.join();

    EXPECT_EQ(popped, marked);
    EXPECT_EQ(popped, taken.load());
    EXPECT_EQ(queue.refused()[DropReason::after_shutdown], offered.load() - taken.load());
  }
}

// The first push of a thread announces itself by a slot that is new in the list: whoever closes the
// queue meanwhile sees that, or the push sees that the queue is closed.
TEST(Queue, LosesNoThreadsFirstPushWhenItIsClosed) {
  constexpr int pushers = 3;
  for (int round = 0; round < 300; ++round) {
    Queue& queue = make_queue(ample);
    std::atomic<int> waiting{0};
    std::atomic<std::uint64_t> taken{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < pushers; ++i) {
      threads.emplace_back([&] {
        ++waiting;
        while (waiting <= pushers) std::this_thread::yield();
        if (queue.push(make_record())) ++taken;
      });
    }
    while (waiting < pushers) std::this_thread::yield();
    ++waiting;

    queue.close();
    while (!queue.is_quiet()) std::this_thread::yield();
    std::uint64_t marked = 0;
    for (const Watermark& mark : queue.watermarks()) marked += mark.pushed;
    for (std::thread& thread : threads) thread.join();

    EXPECT_EQ(marked, taken.load());
    EXPECT_EQ(pop_all(queue).size(), taken.load());
    EXPECT_EQ(queue.refused()[DropReason::after_shutdown], pushers - taken.load());
  }
}

TEST(Queue, ReusesTheSlotsOfThreadsThatHaveEnded) {
  Queue& queue = make_queue(ample);

  for (int i = 0; i < 1'000; ++i) {
    std::thread([&] { queue.push(make_record()); }).join();
  }

  const std::vector<Watermark> marks = queue.watermarks();
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].pushed, 1'000u);
  EXPECT_EQ(pop_all(queue).size(), 1'000u);
}

struct PushAtThreadEnd {
  Queue* queue = nullptr;
  ~PushAtThreadEnd() { queue->push(make_record("late")); }
};

// Destroyed after the queue's own thread-local, because it is constructed before it.
TEST(Queue, TakesWhatIsPushedWhileThreadLocalsAreDestroyed) {
  Queue& queue = make_queue(ample);

  std::thread([&] {
    static thread_local PushAtThreadEnd late;
    late.queue = &queue;
    queue.push(make_record("early"));
  }).join();

  std::map<std::string, int> seen;
  for (const RecordPtr& record : pop_all(queue)) ++seen[std::string(record->bytes())];
  EXPECT_EQ(seen, (std::map<std::string, int>{{"early", 1}, {"late", 1}}));
}

TEST(Queue, WakesOnceWhenTheLoadReachesWhatTheFlusherAskedFor) {
  Queue& queue = make_queue(ample);
  int wakes = 0;
  queue.set_wake([&] { ++wakes; });
  ASSERT_FALSE(queue.ask_for_wake(3, UINT64_MAX));

  queue.push(make_record());
  queue.push(make_record());
  EXPECT_EQ(wakes, 0);
  queue.push(make_record());
  queue.push(make_record());

  EXPECT_EQ(wakes, 1);
  EXPECT_TRUE(queue.ask_for_wake(3, UINT64_MAX));
  EXPECT_EQ(pop_all(queue).size(), 4u);
}

TEST(Queue, WakesWhenTheBytesReachWhatTheFlusherAskedFor) {
  Queue& queue = make_queue(ample);
  int wakes = 0;
  queue.set_wake([&] { ++wakes; });
  const std::size_t footprint = make_record()->footprint();
  ASSERT_FALSE(queue.ask_for_wake(UINT64_MAX - 1, 2 * footprint));

  queue.push(make_record());
  EXPECT_EQ(wakes, 0);
  queue.push(make_record());

  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(pop_all(queue).size(), 2u);
}

// `set_wake` runs in the middle of a push: where a signal handler that logs would find one.
TEST(Queue, RefusesAPushThatInterruptsOneOnTheSameThread) {
  Queue& queue = make_queue(ample);
  bool is_inner_taken = true;
  queue.set_wake([&] { is_inner_taken = queue.push(make_record("inner")); });
  ASSERT_FALSE(queue.ask_for_wake(1, UINT64_MAX));

  const bool is_taken = queue.push(make_record("outer"));

  EXPECT_TRUE(is_taken);
  EXPECT_FALSE(is_inner_taken);
  EXPECT_EQ(queue.refused()[DropReason::reentrant], 1u);
  EXPECT_EQ(pop_all(queue).size(), 1u);
}

}  // namespace
}  // namespace langfuse::internal

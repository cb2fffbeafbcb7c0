#include "pipeline/flusher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "model/diagnostics.h"
#include "tests/support/fake_transport.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

SteadyTime in(std::chrono::nanoseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

FlusherOptions options(std::size_t flush_at = 1'000, std::size_t batch_max_bytes = 1'000'000) {
  return {flush_at, batch_max_bytes, seconds{5}, seconds{5}};
}

// A flusher on its thread, between a queue that the test fills and a transport that it scripts.
class Pipeline {
 public:
  explicit Pipeline(FlusherOptions flusher_options, QueueLimits limits = {100'000, 1'000'000'000})
      : dropped_(*new DropCounters),
        queue_(*new Queue(limits, dropped_)),
        exporter_({{}, "pk", "http://traces", "http://scores", Compression::none, 1, &reached_},
                  transport_, transport_),
        flusher_(*new Flusher(flusher_options, queue_, exporter_, transport_, transport_)) {
    DiagnosticsOptions quiet;
    quiet.on_error = [](const Diagnostic&) {};
    configure_diagnostics(std::move(quiet));
    queue_.set_wake([this] { transport_.wake(); });
    thread_ = std::thread([this] { flusher_.run(); });
  }
  ~Pipeline() {
    stop();
    kept().push_back(&dropped_);
    kept().push_back(&queue_);
    kept().push_back(&flusher_);
    configure_diagnostics({});
  }

  void push(std::string_view bytes = "r", RecordKind kind = RecordKind::span) {
    ASSERT_TRUE(queue_.push(make_record(bytes, kind)));
  }
  std::uint64_t flush(const FlushLimit& limit) {
    return flusher_.flush(queue_.watermarks(), limit);
  }
  void stop() {
    if (!thread_.joinable()) return;
    queue_.close();
    EXPECT_TRUE(flusher_.stop(in(hours(1))));
    thread_.join();
    // The law: what was pushed is delivered, dropped and counted, or still held.
    EXPECT_EQ(queue_.pushed(),
              flusher_.delivered() + flusher_.dropped().total() + queue_.held_records());
  }
  std::string body(std::size_t request) const {
    const std::string whole = transport_.requests().at(request).body;
    return whole.substr(whole.find(first_record_));
  }

  DropCounters& dropped_;
  Queue& queue_;
  FakeTransport transport_;
  std::atomic<bool> reached_{false};
  Exporter exporter_;
  Flusher& flusher_;
  std::string first_record_ = "r";

 private:
  // Neither is ever destroyed in the library either; here they stay reachable for leak checkers.
  static std::vector<void*>& kept() {
    static std::vector<void*>* const all = new std::vector<void*>();
    return *all;
  }

  std::thread thread_;
};

TEST(Flusher, SendsABatchWhenItIsFull) {
  Pipeline pipeline(options(3));

  pipeline.push();
  pipeline.push();
  pipeline.push();

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  EXPECT_EQ(pipeline.body(0), "rrr");
}

TEST(Flusher, LetsABatchGrowThatWouldWaitForAnother) {
  Pipeline pipeline(options(2));
  pipeline.push("r1");
  pipeline.push("r2");
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));

  for (int i = 3; i < 10; ++i) pipeline.push("r" + std::to_string(i));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  ASSERT_EQ(pipeline.transport_.request_count(), 1u);
  pipeline.transport_.answer(FakeTransport::status(200));

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(2));
  EXPECT_EQ(pipeline.body(0), "r1r2");
  EXPECT_EQ(pipeline.body(1).substr(0, 6), "r3r4r5");
}

TEST(Flusher, LetsABatchGrowNoFurtherThanItsLimit) {
  Pipeline pipeline(options(2, 10));
  pipeline.push("r1");
  pipeline.push("r2");
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));

  for (int i = 0; i < 9; ++i) pipeline.push("r" + std::to_string(i));
  pipeline.transport_.answer_all(FakeTransport::status(200));

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(2));
  EXPECT_LE(pipeline.body(1).size(), 10u);
}

// The span makes the flusher look, which then holds a batch of two scores and one of one span.
TEST(Flusher, SendsABatchOfScoresWhenItIsFull) {
  Pipeline pipeline(options(3));
  pipeline.transport_.answer_all(FakeTransport::status(200));
  pipeline.push("s", RecordKind::score);
  pipeline.push("s", RecordKind::score);
  pipeline.push();
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  ASSERT_EQ(pipeline.transport_.request_count(), 0u);

  pipeline.push("s", RecordKind::score);

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  EXPECT_EQ(pipeline.transport_.requests().at(0).endpoint, Endpoint::ingestion);
}

TEST(Flusher, SendsEachRecordAtOnceWithFlushAtOne) {
  Pipeline pipeline(options(1));
  pipeline.transport_.answer_all(FakeTransport::status(200));

  for (std::size_t i = 1; i <= 5; ++i) {
    pipeline.push();
    ASSERT_TRUE(pipeline.transport_.wait_for_requests(i));
    EXPECT_EQ(pipeline.body(i - 1), "r");
  }
}

TEST(Flusher, SendsWithinTheInterval) {
  Pipeline pipeline({1'000, 1'000'000, seconds{1}, seconds{1}});
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  pipeline.push();

  pipeline.transport_.advance(milliseconds{999});
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  EXPECT_EQ(pipeline.transport_.request_count(), 0u);
  pipeline.transport_.advance(milliseconds{1});

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  EXPECT_EQ(pipeline.body(0), "r");
}

TEST(Flusher, ClosesABatchBeforeItExceedsItsBytes) {
  Pipeline pipeline(options(1'000, 10));
  pipeline.first_record_ = "1234";
  pipeline.transport_.answer_all(FakeTransport::status(200));

  pipeline.push("1234");
  pipeline.push("1234");
  pipeline.push("1234");
  EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);

  ASSERT_EQ(pipeline.transport_.request_count(), 2u);
  EXPECT_EQ(pipeline.body(0), "12341234");
  EXPECT_EQ(pipeline.body(1), "1234");
}

TEST(Flusher, SendsWhatIsThereWhenItIsWoken) {
  Pipeline pipeline(options());
  pipeline.push();

  pipeline.flusher_.wake();

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  EXPECT_EQ(pipeline.body(0), "r");
}

TEST(Flusher, FlushReturnsOnceEverythingBeforeItIsSettled) {
  Pipeline pipeline(options());
  pipeline.transport_.answer_all(FakeTransport::status(200));
  for (int i = 0; i < 10; ++i) pipeline.push();

  const std::uint64_t pending = pipeline.flush(in(hours(1)));

  EXPECT_EQ(pending, 0u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 10u);
  EXPECT_EQ(pipeline.queue_.held_records(), 0u);
}

TEST(Flusher, FlushCountsARefusalAsSettled) {
  Pipeline pipeline(options());
  pipeline.transport_.answer_all(FakeTransport::status(400));
  for (int i = 0; i < 10; ++i) pipeline.push();

  const std::uint64_t pending = pipeline.flush(in(hours(1)));

  EXPECT_EQ(pending, 0u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 0u);
  EXPECT_EQ(pipeline.flusher_.dropped()[DropReason::rejected], 10u);
}

TEST(Flusher, FlushSaysWhatIsPendingWhenItsTimeIsOver) {
  Pipeline pipeline(options());
  for (int i = 0; i < 10; ++i) pipeline.push();

  EXPECT_EQ(pipeline.flush(in(milliseconds(1))), 10u);
  EXPECT_EQ(pipeline.flush(in(seconds(-1))), 10u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 0u);
}

// While the flush waits for its records, another one comes: it is neither sent with them nor waited
// for.
TEST(Flusher, FlushDoesNotWaitForWhatComesAfterIt) {
  Pipeline pipeline(options());
  pipeline.push("r1");
  std::future<std::uint64_t> flush =
      std::async(std::launch::async, [&] { return pipeline.flush(in(hours(1))); });
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  pipeline.push("r2");

  pipeline.transport_.answer(FakeTransport::status(200));

  EXPECT_EQ(flush.get(), 0u);
  EXPECT_EQ(pipeline.transport_.request_count(), 1u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 1u);
  EXPECT_EQ(pipeline.queue_.held_records(), 1u);
}

TEST(Flusher, FlushIsNotStarvedByThreadsThatGoOnPushing) {
  Pipeline pipeline(options(100));
  pipeline.transport_.answer_all(FakeTransport::status(200));
  std::atomic<bool> is_over{false};
  std::vector<std::thread> producers;
  for (int i = 0; i < 2; ++i) {
    producers.emplace_back([&] {
      while (!is_over) pipeline.queue_.push(make_record("r"));
    });
  }

  for (int i = 0; i < 20; ++i) {
    pipeline.queue_.push(make_record("r"));  // or is dropped: they fill the queue, too
    EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);
  }

  is_over = true;
  for (std::thread& producer : producers) producer.join();
  EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);
  EXPECT_EQ(pipeline.flusher_.delivered(), pipeline.queue_.pushed());
}

TEST(Flusher, ServesManyFlushesAtOnce) {
  Pipeline pipeline(options());
  pipeline.transport_.answer_all(FakeTransport::status(200));

  std::vector<std::future<std::uint64_t>> flushes;
  for (int i = 0; i < 32; ++i) {
    flushes.push_back(std::async(std::launch::async, [&] {
      EXPECT_TRUE(pipeline.queue_.push(make_record("r")));
      return pipeline.flush(in(hours(1)));
    }));
  }
  for (std::future<std::uint64_t>& flush : flushes) EXPECT_EQ(flush.get(), 0u);

  EXPECT_EQ(pipeline.flusher_.delivered(), 32u);
}

TEST(Flusher, KeepsTheBatchThroughAFaultAndSendsTheSameBytesAgain) {
  Pipeline pipeline(options());
  pipeline.transport_.answer(FakeTransport::failure("connection refused"));
  for (int i = 0; i < 10; ++i) pipeline.push();
  pipeline.flusher_.wake();
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  EXPECT_EQ(pipeline.queue_.held_records(), 10u);

  pipeline.transport_.answer_all(FakeTransport::status(200));
  pipeline.transport_.advance(seconds{31});

  ASSERT_TRUE(pipeline.transport_.wait_for_requests(2));
  EXPECT_EQ(pipeline.body(1), pipeline.body(0));
  EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 10u);
}

TEST(Flusher, FlushTriesOnceInSpiteOfTheBackOff) {
  Pipeline pipeline(options());
  pipeline.transport_.answer(FakeTransport::failure("connection refused"));
  pipeline.push();
  pipeline.flusher_.wake();
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());

  pipeline.transport_.answer(FakeTransport::status(200));

  EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 1u);
}

TEST(Flusher, HoldsOneRouteWithoutHoldingTheOther) {
  Pipeline pipeline(options());
  pipeline.transport_.answer(FakeTransport::status(401), Route::spans);
  pipeline.transport_.answer_all(FakeTransport::status(200), Route::scores);
  pipeline.push("r");
  pipeline.push("{}", RecordKind::score);
  pipeline.push("{}", RecordKind::score);

  pipeline.flusher_.wake();
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(2));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());

  EXPECT_EQ(pipeline.flush(in(milliseconds(1))), 1u);
  EXPECT_EQ(pipeline.queue_.held_records(), 1u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 2u);
}

// A flush that was given an hour, and what it waits for meanwhile.
class WaitingFlush {
 public:
  WaitingFlush(Pipeline& pipeline, const FlushLimit& limit)
      : pending_(
            std::async(std::launch::async, [&pipeline, limit] { return pipeline.flush(limit); })) {}

  bool is_over() const { return pending_.wait_for(seconds(0)) == std::future_status::ready; }
  std::uint64_t pending() { return pending_.get(); }

 private:
  std::future<std::uint64_t> pending_;
};

TEST(Flusher, FlushReturnsAtOnceWhereNothingCanChangeInItsTime) {
  for (const HttpReply& reply :
       {FakeTransport::status(401), FakeTransport::status(403), FakeTransport::status(404),
        FakeTransport::retry_after(429, 60), FakeTransport::retry_after(503, 60)}) {
    Pipeline pipeline(options());
    pipeline.transport_.answer_all(reply);
    pipeline.push();

    // Both while the answer is not known yet, and when it is.
    EXPECT_EQ(pipeline.flush(in(seconds(50))), 1u) << reply.status;
    EXPECT_EQ(pipeline.flush(in(seconds(50))), 1u) << reply.status;
    EXPECT_EQ(pipeline.queue_.held_records(), 1u) << reply.status;
  }
}

TEST(Flusher, FlushWaitsForATimeOfTheServerThatComesInItsTime) {
  Pipeline pipeline(options());
  pipeline.transport_.answer(FakeTransport::retry_after(429, 60));
  pipeline.transport_.answer(FakeTransport::status(200));
  pipeline.push();
  WaitingFlush flush(pipeline, in(hours(1)));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());

  pipeline.transport_.advance(seconds(73));

  EXPECT_EQ(flush.pending(), 0u);
}

TEST(Flusher, FlushWithoutATimeOfItsOwnWaitsTwoSecondsForANobody) {
  Pipeline pipeline(options());
  pipeline.transport_.answer_all(FakeTransport::refused());
  pipeline.push();
  // Each begins with a try.
  WaitingFlush by_default(pipeline, FlushLimit::of_setting(hours(1)));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  WaitingFlush own(pipeline, FlushLimit::of_caller(hours(1)));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(2));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());

  pipeline.transport_.advance(seconds(2));
  EXPECT_EQ(by_default.pending(), 1u);
  EXPECT_EQ(pipeline.queue_.held_records(), 1u);
  EXPECT_FALSE(own.is_over());
  pipeline.transport_.answer_all(FakeTransport::status(200));
  pipeline.transport_.advance(seconds(1));

  EXPECT_EQ(own.pending(), 0u);
}

TEST(Flusher, FlushWaitsForAServerThatWasThereBefore) {
  Pipeline pipeline(options());
  pipeline.transport_.answer(FakeTransport::status(200));
  pipeline.push();
  ASSERT_EQ(pipeline.flush(in(hours(1))), 0u);
  pipeline.transport_.answer_all(FakeTransport::refused());
  pipeline.push();
  WaitingFlush flush(pipeline, FlushLimit::of_setting(hours(1)));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(2));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());

  pipeline.transport_.advance(seconds(100));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(3));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  EXPECT_FALSE(flush.is_over());
  pipeline.transport_.answer_all(FakeTransport::status(200));
  pipeline.transport_.advance(seconds(1));

  EXPECT_EQ(flush.pending(), 0u);
  EXPECT_EQ(pipeline.flusher_.delivered(), 2u);
}

TEST(Flusher, TheLastFlushTriesOnceMoreWhereOneFailedAndDoesNotWait) {
  Pipeline pipeline(options());
  pipeline.transport_.answer_all(FakeTransport::refused());
  pipeline.push();
  WaitingFlush first(pipeline, FlushLimit::of_setting(hours(1)));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  pipeline.transport_.advance(seconds(2));
  ASSERT_EQ(first.pending(), 1u);
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());
  const std::size_t requests = pipeline.transport_.request_count();

  EXPECT_EQ(pipeline.flush(FlushLimit::of_exit(hours(1))), 1u);

  EXPECT_EQ(pipeline.transport_.request_count(), requests + 1);
}

TEST(Flusher, TheLastFlushWaitsForWhatNoFlushHasFailedFor) {
  Pipeline pipeline(options());
  pipeline.transport_.answer(FakeTransport::refused());
  pipeline.push();
  WaitingFlush last(pipeline, FlushLimit::of_exit(hours(1)));
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));
  ASSERT_TRUE(pipeline.transport_.wait_for_idle());

  pipeline.transport_.answer_all(FakeTransport::status(200));
  pipeline.transport_.advance(seconds(1));

  EXPECT_EQ(last.pending(), 0u);
}

TEST(Flusher, StopGivesUpWhatIsLeftAndCountsIt) {
  Pipeline pipeline(options(5));
  for (int i = 0; i < 12; ++i) pipeline.push();
  ASSERT_TRUE(pipeline.transport_.wait_for_requests(1));

  pipeline.stop();

  EXPECT_EQ(pipeline.flusher_.dropped()[DropReason::at_shutdown], 12u);
  EXPECT_EQ(pipeline.queue_.held_records(), 0u);
  EXPECT_FALSE(pipeline.transport_.is_in_flight(Route::spans));
}

TEST(Flusher, FlushAfterTheEndReturnsAtOnce) {
  Pipeline pipeline(options());
  pipeline.stop();

  EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);
}

TEST(Flusher, DeliversEverythingThatManyThreadsPush) {
  Pipeline pipeline(options(64));
  pipeline.transport_.answer_all(FakeTransport::status(200));
  std::vector<std::thread> producers;
  for (int i = 0; i < 8; ++i) {
    producers.emplace_back([&] {
      for (int n = 0; n < 5'000; ++n) EXPECT_TRUE(pipeline.queue_.push(make_record("r")));
    });
  }
  for (std::thread& producer : producers) producer.join();

  EXPECT_EQ(pipeline.flush(in(hours(1))), 0u);

  EXPECT_EQ(pipeline.flusher_.delivered(), 40'000u);
}

}  // namespace
}  // namespace langfuse::internal

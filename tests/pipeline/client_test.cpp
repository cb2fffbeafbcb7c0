#include "pipeline/client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/flush_sources.h"
#include "tests/support/fake_client.h"
#include "tests/support/records.h"
#include "tests/support/score_events.h"

namespace langfuse::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

void submit(int count) {
  for (int i = 0; i < count; ++i) Client::current()->submit(make_record());
}

// What is no number is no time; computed by the compiler, which refuses undefined behaviour.
static_assert(Timeout(Seconds(std::numeric_limits<double>::quiet_NaN())).nanoseconds() == 0);

class ClientTest : public FakeClientTest {};

TEST_F(ClientTest, IsOneAtATime) {
  const Error error = Client::start(test_settings(), std::make_unique<FakeTransport>(), nullptr);

  EXPECT_EQ(error.code, ErrorCode::already_running);
}

TEST_F(ClientTest, ReportsEachRecordInExactlyOneFlush) {
  transport_->answer_all(FakeTransport::status(200));

  submit(3);
  const FlushResult first = flush();
  submit(4);
  const FlushResult second = flush();
  const FlushResult third = flush();

  EXPECT_EQ(first.status, FlushStatus::ok);
  EXPECT_EQ(first.delivered, 3u);
  EXPECT_EQ(second.delivered, 4u);
  EXPECT_EQ(third.delivered, 0u);
  EXPECT_EQ(stats().delivered, 7u);
  expect_conserved();
}

TEST_F(ClientTest, ReportsDropsByReason) {
  transport_->answer_all(FakeTransport::status(400));

  submit(3);
  Client::current()->counters().dropped.add(DropReason::too_large);
  const FlushResult result = flush();

  EXPECT_EQ(result.status, FlushStatus::ok);
  EXPECT_EQ(result.dropped[DropReason::rejected], 3u);
  EXPECT_EQ(result.dropped[DropReason::too_large], 1u);
  EXPECT_EQ(result.dropped.total(), 4u);
  expect_conserved();
}

TEST_F(ClientTest, ReportsANetworkFaultOnceAndKeepsTheRecords) {
  transport_->answer_all(FakeTransport::failure("connection refused"));

  submit(3);
  const FlushResult first = flush(milliseconds(20));
  const FlushResult second = flush(milliseconds(20));
  ASSERT_TRUE(transport_->wait_for_requests(1));
  ASSERT_TRUE(transport_->wait_for_idle());

  EXPECT_EQ(first.status, FlushStatus::pending);
  EXPECT_EQ(first.pending, 3u);
  EXPECT_EQ(second.pending, 3u);
  EXPECT_FALSE(second.ok());
  EXPECT_EQ(said_.size(), 1u);
  EXPECT_NE(said_.at(0).find("connection refused"), std::string::npos) << said_.at(0);
  expect_conserved();
}

TEST_F(ClientTest, CountsOpenObservations) {
  count_open_observation(2);

  const FlushResult result = flush();

  count_open_observation(-2);
  EXPECT_EQ(result.open, 2u);
}

TEST_F(ClientTest, SendsNothingAfterShutdown) {
  transport_->answer_all(FakeTransport::status(200));
  submit(2);
  EXPECT_EQ(shutdown().delivered, 2u);
  const std::size_t requests = transport_->request_count();

  submit(3);
  const FlushResult late = flush(hours(1));
  const FlushResult again = shutdown(hours(1));

  EXPECT_EQ(late.status, FlushStatus::after_shutdown);
  EXPECT_EQ(late.dropped[DropReason::after_shutdown], 3u);
  EXPECT_EQ(again.status, FlushStatus::after_shutdown);
  EXPECT_EQ(transport_->request_count(), requests);
  EXPECT_FALSE(enabled());
  EXPECT_EQ(why_disabled(), "langfuse::shutdown() was called");
  expect_conserved();
}

TEST_F(ClientTest, StartsAnewAfterShutdown) {
  transport_->answer_all(FakeTransport::status(200));
  submit(2);
  shutdown();

  start();
  transport_->answer_all(FakeTransport::status(200));
  submit(5);

  EXPECT_EQ(flush().delivered, 5u);
  EXPECT_EQ(stats().submitted, 5u);
  EXPECT_TRUE(enabled());
  expect_conserved();
}

TEST_F(ClientTest, ShutdownGivesUpAtItsDeadlineAndSaysSo) {
  submit(4);

  const FlushResult result = shutdown(milliseconds(20));

  EXPECT_EQ(result.delivered, 0u);
  EXPECT_EQ(result.dropped[DropReason::at_shutdown], 4u);
  EXPECT_EQ(said_,
            (std::vector<std::string>{"shutdown: delivered 0 of 4, dropped 4 (at_shutdown)"}));
  expect_conserved();
}

// A callback that does not return keeps the background thread: what it has not come to is pending,
// for `shutdown` and for whatever is asked after it.
TEST_F(ClientTest, ShutdownSaysWhatIsPendingBehindACallbackThatHangs) {
  shutdown();
  std::promise<void> has_begun;
  std::promise<void> let_go;
  std::atomic<bool> is_first{true};
  Settings settings = test_settings();
  settings.flush_at = 1;
  settings.on_batch = [&](const BatchReport&) {
    if (!is_first.exchange(false)) return;
    has_begun.set_value();
    let_go.get_future().wait();
  };
  start(settings);
  transport_->answer_all(FakeTransport::status(200));
  submit(1);
  has_begun.get_future().wait();
  submit(3);

  const FlushResult first = shutdown(milliseconds(20));
  const FlushResult second = shutdown(hours(1));
  const FlushResult later = flush(hours(1));

  EXPECT_EQ(first.status, FlushStatus::pending);
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(first.pending, 3u);
  EXPECT_EQ(first.delivered, 1u);
  EXPECT_EQ(first.dropped.total(), 0u);
  EXPECT_EQ(second.status, FlushStatus::pending);
  EXPECT_EQ(second.pending, 3u);
  EXPECT_EQ(later.status, FlushStatus::pending);
  EXPECT_EQ(later.pending, 3u);
  EXPECT_EQ(said_.back(), "shutdown: delivered 1 of 4, pending 3");
  expect_conserved();
  let_go.set_value();
  while (stats().queued != 0) std::this_thread::yield();
  const FlushResult last = flush(hours(1));
  EXPECT_EQ(last.status, FlushStatus::after_shutdown);
  EXPECT_EQ(last.pending, 0u);
  EXPECT_EQ(last.dropped[DropReason::at_shutdown], 3u);
  expect_conserved();
}

// Both return at once: the time that the server named lies behind the deadline.
TEST_F(ClientTest, AFlushInVainSaysWhyAndShutdownCountsWhatIsLost) {
  transport_->answer_all(FakeTransport::retry_after(503, 200));
  submit(2);

  const FlushResult flushed = flush(std::chrono::seconds(100));
  const FlushResult ended = shutdown(std::chrono::seconds(100));

  EXPECT_EQ(flushed.status, FlushStatus::pending);
  EXPECT_EQ(flushed.pending, 2u);
  EXPECT_NE(flushed.last_error.text.find("503"), std::string::npos) << flushed.last_error.text;
  EXPECT_EQ(ended.status, FlushStatus::ok);
  EXPECT_EQ(ended.pending, 0u);
  EXPECT_EQ(ended.dropped[DropReason::at_shutdown], 2u);
  expect_conserved();
}

TEST_F(ClientTest, ShutdownFromManyThreadsWorksOnce) {
  transport_->answer_all(FakeTransport::status(200));
  submit(10);

  std::vector<std::future<FlushResult>> calls;
  for (int i = 0; i < 8; ++i)
    calls.push_back(std::async(std::launch::async, [] { return shutdown(hours(1)); }));
  std::uint64_t delivered = 0;
  int working = 0;
  for (std::future<FlushResult>& call : calls) {
    const FlushResult result = call.get();
    delivered += result.delivered;
    working += result.status == FlushStatus::ok ? 1 : 0;
  }

  EXPECT_EQ(delivered, 10u);
  EXPECT_EQ(working, 1);
}

// Every submit that said true is delivered; every later one is counted.
TEST_F(ClientTest, ShutdownUnderFireLosesNothingUncounted) {
  for (int round = 0; round < 50; ++round) {
    transport_->answer_all(FakeTransport::status(200));
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> offered{0};
    std::atomic<bool> is_over{false};
    std::vector<std::thread> producers;
    for (int i = 0; i < 4; ++i) {
      producers.emplace_back([&] {
        while (!is_over) {
          ++offered;
          if (Client::current()->submit(make_record())) ++taken;
          std::this_thread::yield();
        }
      });
    }
    while (taken < 10) std::this_thread::yield();

    shutdown(hours(1));
    is_over = true;
    for (std::thread& producer : producers) producer.join();

    EXPECT_EQ(stats().submitted, offered.load());
    EXPECT_EQ(stats().delivered, taken.load());
    EXPECT_EQ(stats().dropped[DropReason::after_shutdown], offered.load() - taken.load());
    start();
  }
}

// The handler of the source document: flushing it creates the very records that the client must
// send.
TEST_F(ClientTest, FlushDeliversWhatASourceCreatesDuringIt) {
  transport_->answer_all(FakeTransport::status(200));
  const std::uint64_t source = register_flush_source("handler", [](std::int64_t) { submit(2); });

  submit(1);
  const FlushResult result = flush();

  unregister_flush_source(source);
  EXPECT_EQ(result.delivered, 3u);
  EXPECT_EQ(result.status, FlushStatus::ok);
}

TEST_F(ClientTest, ShutdownDeliversWhatASourceCreatesDuringIt) {
  transport_->answer_all(FakeTransport::status(200));
  const std::uint64_t source = register_flush_source("handler", [](std::int64_t) { submit(2); });

  const FlushResult result = shutdown();

  unregister_flush_source(source);
  EXPECT_EQ(result.delivered, 2u);
}

TEST_F(ClientTest, FlushInsideASourceDoesNotWait) {
  transport_->answer_all(FakeTransport::status(200));
  FlushResult inner;
  FlushResult inner_shutdown;
  const std::uint64_t source = register_flush_source("handler", [&](std::int64_t) {
    inner = flush(hours(1));
    inner_shutdown = shutdown(hours(1));
  });

  const FlushResult outer = flush();

  unregister_flush_source(source);
  EXPECT_EQ(inner.status, FlushStatus::would_deadlock);
  EXPECT_EQ(inner_shutdown.status, FlushStatus::would_deadlock);
  EXPECT_EQ(outer.status, FlushStatus::ok);
}

TEST_F(ClientTest, FlushGivesAHangingSourceHalfOfItsTimeOnly) {
  transport_->answer_all(FakeTransport::status(200));
  std::promise<void> let_go;
  std::promise<void> has_returned;
  const std::uint64_t source = register_flush_source("stuck", [&](std::int64_t) {
    let_go.get_future().wait();
    has_returned.set_value();
  });
  submit(1);

  const FlushResult result = flush(std::chrono::seconds(2));

  EXPECT_EQ(result.status, FlushStatus::ok);
  EXPECT_EQ(result.delivered, 1u);
  let_go.set_value();
  has_returned.get_future().wait();
  unregister_flush_source(source);
  EXPECT_EQ(said_.size(), 1u);
}

TEST_F(ClientTest, FlushIsNotOkWhenASourceLeftSomethingBehind) {
  transport_->answer_all(FakeTransport::status(200));
  const std::uint64_t source =
      register_flush_source("queue", [](std::int64_t) { FlushSources::note_unfinished(); });
  submit(1);

  const FlushResult unfinished = flush();
  unregister_flush_source(source);
  submit(1);
  const FlushResult finished = flush();

  EXPECT_EQ(unfinished.status, FlushStatus::pending);
  EXPECT_EQ(unfinished.delivered, 1u);
  EXPECT_EQ(unfinished.pending, 0u);
  EXPECT_EQ(finished.status, FlushStatus::ok);
}

TEST_F(ClientTest, FlushInsideOnErrorDoesNotWait) {
  FlushStatus status = FlushStatus::ok;
  DiagnosticsOptions options;
  options.on_error = [&](const Diagnostic&) { status = flush(hours(1)).status; };
  configure_diagnostics(std::move(options));

  report(Diagnostic::Severity::warning, "something");

  EXPECT_EQ(status, FlushStatus::would_deadlock);
}

TEST_F(ClientTest, DropsBeyondItsLimitsAndGoesOn) {
  shutdown();
  Settings settings = test_settings();
  settings.queue_max_records = 10;
  start(settings);
  transport_->answer_all(FakeTransport::status(200));

  submit(15);
  const FlushResult first = flush();
  submit(10);
  const FlushResult second = flush();

  EXPECT_EQ(first.delivered, 10u);
  EXPECT_EQ(first.dropped[DropReason::queue_full], 5u);
  EXPECT_EQ(second.delivered, 10u);
  EXPECT_EQ(second.dropped.total(), 0u);
  expect_conserved();
}

TEST_F(ClientTest, SpansFlowWhileScoresAreHeldAndAFlushNamesTheScores) {
  transport_->answer_all(FakeTransport::status(200));
  transport_->answer_all(FakeTransport::status(403), Route::scores);
  submit(3);
  Client::current()->submit(make_score(0));

  const FlushResult result = flush(milliseconds{100});

  EXPECT_EQ(result.status, FlushStatus::pending);
  EXPECT_EQ(result.delivered, 3u);
  EXPECT_EQ(result.pending, 1u);
  expect_conserved();
  submit(2);
  transport_->answer_all(FakeTransport::status(200), Route::scores);
  EXPECT_EQ(flush().delivered, 3u);
  expect_conserved();
}

TEST_F(ClientTest, ScoresFlowWhileSpansAreHeldAndAFlushNamesTheSpans) {
  transport_->answer_all(FakeTransport::status(403));
  transport_->answer_all(FakeTransport::status(200), Route::scores);
  submit(3);
  Client::current()->submit(make_score(0));

  const FlushResult result = flush(milliseconds{100});

  EXPECT_EQ(result.status, FlushStatus::pending);
  EXPECT_EQ(result.delivered, 1u);
  EXPECT_EQ(result.pending, 3u);
  expect_conserved();
}

TEST_F(ClientTest, AFlushEndsWhenARouteIsSwitchedOffAndCountsWhatWasLost) {
  transport_->answer_all(FakeTransport::status(200));
  transport_->answer_all(FakeTransport::status(404), Route::scores);
  submit(1);
  Client::current()->submit(make_score(0));
  Client::current()->submit(make_score(1));

  const FlushResult result = flush();
  Client::current()->submit(make_score(2));
  const FlushResult later = flush();

  EXPECT_EQ(result.status, FlushStatus::ok);
  EXPECT_EQ(result.delivered, 1u);
  EXPECT_EQ(result.dropped[DropReason::no_route], 2u);
  EXPECT_EQ(later.dropped[DropReason::no_route], 1u);
  expect_conserved();
}

TEST_F(ClientTest, AFlushWaitsForScoresThatTheServerPutOff) {
  const std::string put_off =
      R"({"successes":[],"errors":[{"id":")" + event_id(0) + R"(","status":500}]})";
  const std::string taken = R"({"successes":[{"id":")" + event_id(0) + R"(","status":201}]})";
  transport_->answer(FakeTransport::status(207, put_off), Route::scores);
  transport_->answer(FakeTransport::status(207, taken), Route::scores);
  Client::current()->submit(make_score(0));

  EXPECT_EQ(flush(milliseconds{50}).pending, 1u);
  const FlushResult result = flush();  // which tries at once

  EXPECT_EQ(result.delivered, 1u);
  expect_conserved();
}

}  // namespace
}  // namespace langfuse::internal

#include "langfuse/flush_async.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/fake_client.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

class FlushAsync : public FakeClientTest {};

TEST_F(FlushAsync, IsReadyWhenEverythingBeforeTheCallIsSettled) {
  transport_->answer_all(FakeTransport::status(200));
  Client::current()->submit(make_record());

  std::future<FlushResult> future = flush_async(std::chrono::seconds(60));

  const FlushResult result = future.get();
  EXPECT_EQ(result.status, FlushStatus::ok);
  EXPECT_EQ(result.delivered, 1u);
}

TEST_F(FlushAsync, MayBeThrownAway) {
  Client::current()->submit(make_record());  // nobody answers

  static_cast<void>(flush_async(std::chrono::hours(1)));

  transport_->answer_all(FakeTransport::status(200));
  EXPECT_EQ(flush(std::chrono::seconds(60)).status, FlushStatus::ok);
}

TEST_F(FlushAsync, ShutsDownToo) {
  transport_->answer_all(FakeTransport::status(200));
  Client::current()->submit(make_record());

  EXPECT_EQ(shutdown_async(std::chrono::seconds(60)).get().delivered, 1u);

  EXPECT_EQ(flush().status, FlushStatus::after_shutdown);
  start();
}

TEST_F(FlushAsync, DoesNothingWhenNothingIsConfigured) {
  shutdown();
  Client::forget();

  EXPECT_EQ(flush_async().get().status, FlushStatus::not_configured);
  EXPECT_EQ(shutdown_async().get().status, FlushStatus::not_configured);
  start();
}

class Guard : public FakeClientTest {};

TEST_F(Guard, FlushesWhenItsScopeEnds) {
  transport_->answer_all(FakeTransport::status(200));
  {
    const FlushGuard guard(std::chrono::seconds(60));
    Client::current()->submit(make_record());
  }

  EXPECT_EQ(stats().delivered, 1u);
}

TEST_F(Guard, WaitsNoLongerThanItIsTold) {
  {
    const FlushGuard guard(std::chrono::nanoseconds(0));
    Client::current()->submit(make_record());
  }

  EXPECT_EQ(stats().delivered, 0u);
}

TEST_F(Guard, RunWithFlushWaitsForAFutureAndGivesItBack) {
  transport_->answer_all(FakeTransport::status(200));

  std::future<std::string> future = run_with_flush([] {
    return std::async(std::launch::async, [] {
      Client::current()->submit(make_record());
      return std::string("done");
    });
  });

  EXPECT_EQ(stats().delivered, 1u);
  EXPECT_EQ(future.get(), "done");
}

TEST_F(Guard, RunWithFlushGivesBackTheExceptionInAFuture) {
  std::future<void> future = run_with_flush(
      [] { return std::async(std::launch::async, [] { throw std::runtime_error("failed"); }); });

  EXPECT_THROW(future.get(), std::runtime_error);
}

}  // namespace
}  // namespace langfuse::internal

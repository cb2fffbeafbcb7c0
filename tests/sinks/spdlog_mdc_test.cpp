#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include "langfuse/sinks/spdlog_attach.h"
#include "tests/sinks/fake_door.h"

namespace langfuse::testing {
namespace {

static_assert(SPDLOG_VERSION >= 11400, "this is for what older ones do not have");

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SpdlogMdc, IsReadOnTheCallingThreadOfAnAsynchronousLogger) {
  FakeDoor& door = FakeDoor::get();
  door.reset();
  const auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
  const auto log = attach(std::make_shared<spdlog::async_logger>(
      "app", std::make_shared<spdlog::sinks::null_sink_mt>(), pool));

  spdlog::mdc::put("request", "r-7");
  spdlog::mdc::put("tenant", "blue");
  log->info("with");
  spdlog::mdc::clear();
  log->info("without");

  ASSERT_EQ(door.count(), 2U);
  EXPECT_THAT(door.lines()[0].fields, ElementsAre("request=r-7", "tenant=blue"));
  EXPECT_THAT(door.lines()[1].fields, IsEmpty());
}

// With `discard_new` a full queue throws away the markers that a flush sends through it.
TEST(SpdlogDiscardNew, IsWaitedForWhileItsQueueIsFull) {
  FakeDoor& door = FakeDoor::get();
  door.reset();
  std::promise<void> let_go;
  std::promise<void> is_held;
  std::once_flag first;
  door.on_submit([&, is_let_go = let_go.get_future().share()](const LogLine&) {
    std::call_once(first, [&is_held] { is_held.set_value(); });
    is_let_go.wait();
  });
  const auto pool = std::make_shared<spdlog::details::thread_pool>(4, 1);
  const auto log = std::make_shared<spdlog::async_logger>(
      "full", std::make_shared<SpdlogSink>(), pool, spdlog::async_overflow_policy::discard_new);
  SpdlogSink::watch(log);
  log->info("held");
  is_held.get_future().wait();

  for (int line = 0; line < 10; ++line) log->info("four of these find room");
  std::future<bool> flush = std::async(std::launch::async, [&door] { return door.flush(); });
  EXPECT_EQ(flush.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  let_go.set_value();

  EXPECT_TRUE(flush.get());
  EXPECT_EQ(door.count(), 5U);
  door.reset();
}

TEST(SpdlogMdc, OfTheDumpIsNotThatOfALineThatABacktraceReplays) {
  FakeDoor& door = FakeDoor::get();
  door.reset();
  const auto log = attach(
      std::make_shared<spdlog::logger>("app", std::make_shared<spdlog::sinks::null_sink_mt>()));
  log->enable_backtrace(4);

  log->info("before");
  spdlog::mdc::put("request", "r-8");
  log->dump_backtrace();
  spdlog::mdc::clear();

  ASSERT_EQ(door.count(), 2U);
  EXPECT_THAT(door.lines()[1].fields, IsEmpty());
}

}  // namespace
}  // namespace langfuse::testing

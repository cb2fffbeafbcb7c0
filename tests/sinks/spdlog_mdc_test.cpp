#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
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

#include "langfuse/sinks/spdlog_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/sinks/spdlog_logger.h"
#include "tests/sinks/fake_door.h"
#include "tests/sinks/spdlog_sink_fixture.h"

namespace langfuse::testing {
namespace {

using ::testing::ElementsAre;

TEST_F(SpdlogSinkTest, HandsOverEveryFieldOfALine) {
  SpdlogSink sink;
  spdlog::details::log_msg message(spdlog::source_loc("cache.cpp", 42, "look_up"), "app",
                                   spdlog::level::warn, "cache miss");
  message.time = spdlog::log_clock::time_point(std::chrono::microseconds(1'700'000'000'123'456));

  sink.log(message);

  ASSERT_EQ(door_.count(), 1U);
  const SubmittedLine line = door_.lines()[0];
  EXPECT_EQ(line.severity, Severity::warning);
  EXPECT_EQ(line.message, "cache miss");
  EXPECT_EQ(line.logger, "app");
  EXPECT_EQ(line.file, "cache.cpp");
  EXPECT_EQ(line.function, "look_up");
  EXPECT_EQ(line.line, 42);
  EXPECT_EQ(line.thread_id, spdlog::details::os::thread_id());
  EXPECT_EQ(line.time_unix_nano, 1'700'000'000'123'456'000);
  EXPECT_TRUE(line.is_from_here);
}

TEST_F(SpdlogSinkTest, LeavesAnUnknownPlaceEmpty) {
  logger_with(std::make_shared<SpdlogSink>())->info("no place");

  ASSERT_EQ(door_.count(), 1U);
  const SubmittedLine line = door_.lines()[0];
  EXPECT_EQ(line.file, "");
  EXPECT_EQ(line.function, "");
  EXPECT_EQ(line.line, 0);
}

TEST_F(SpdlogSinkTest, ToleratesAPlaceWithoutNames) {
  SpdlogSink sink;

  sink.log(spdlog::details::log_msg(spdlog::source_loc(nullptr, 7, nullptr), "app",
                                    spdlog::level::info, "half a place"));

  ASSERT_EQ(door_.count(), 1U);
  EXPECT_EQ(door_.lines()[0].file, "");
  EXPECT_EQ(door_.lines()[0].line, 7);
}

TEST_F(SpdlogSinkTest, TakesTheSeverityFromTheLevelsNumber) {
  const auto sink = std::make_shared<SpdlogSink>();
  sink->set_level(spdlog::level::trace);
  const auto logger = logger_with(sink);

  for (int level = spdlog::level::trace; level <= spdlog::level::critical; ++level) {
    logger->log(static_cast<spdlog::level::level_enum>(level), "x");
  }

  std::vector<Severity> severities;
  for (const SubmittedLine& line : door_.lines()) severities.push_back(line.severity);
  EXPECT_THAT(severities, ElementsAre(Severity::trace, Severity::debug, Severity::info,
                                      Severity::warning, Severity::error, Severity::critical));
}

TEST_F(SpdlogSinkTest, IgnoresWhatHasNoLevel) {
  SpdlogSink sink;

  for (const int level : {-1, static_cast<int>(spdlog::level::off), 7}) {
    spdlog::details::log_msg message("app", spdlog::level::info, "x");
    message.level = static_cast<spdlog::level::level_enum>(level);
    sink.log(message);
  }

  EXPECT_EQ(door_.count(), 0U);
}

TEST_F(SpdlogSinkTest, SendsFromInfoUpwardsByDefault) {
  const auto logger = logger_with(std::make_shared<SpdlogSink>());

  logger->debug("below");
  logger->info("at");
  logger->error("above");

  EXPECT_THAT(door_.messages(), ElementsAre("at", "above"));
}

TEST_F(SpdlogSinkTest, SendsFromTheLevelThatIsSet) {
  SpdlogSink::Options options;
  options.level = spdlog::level::err;
  const auto sink = std::make_shared<SpdlogSink>(options);
  const auto logger = logger_with(sink);

  logger->warn("below");
  sink->set_level(spdlog::level::debug);
  logger->debug("at");

  EXPECT_THAT(door_.messages(), ElementsAre("at"));
  EXPECT_EQ(sink->level(), spdlog::level::debug);
  EXPECT_FALSE(sink->should_log(spdlog::level::trace));
}

TEST_F(SpdlogSinkTest, ReadsNothingBehindAView) {
  const std::string text = "payload|name|never read";
  SpdlogSink sink;

  sink.log(spdlog::details::log_msg(spdlog::string_view_t(text.data() + 8, 4), spdlog::level::info,
                                    spdlog::string_view_t(text.data(), 7)));

  ASSERT_EQ(door_.count(), 1U);
  EXPECT_EQ(door_.lines()[0].message, "payload");
  EXPECT_EQ(door_.lines()[0].logger, "name");
}

TEST_F(SpdlogSinkTest, OnlyWakesOnFlush) {
  const auto logger = logger_with(std::make_shared<SpdlogSink>());
  logger->flush_on(spdlog::level::err);

  logger->info("no flush");
  EXPECT_EQ(door_.wakes(), 0);
  logger->error("flush");
  EXPECT_EQ(door_.wakes(), 1);
  logger->flush();
  EXPECT_EQ(door_.wakes(), 2);
}

TEST_F(SpdlogSinkTest, IgnoresPatternsThatTheRegistrySets) {
  const auto logger = logger_with(std::make_shared<SpdlogSink>());
  logger->set_pattern("[%l] %v");
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("<%v>"));

  logger->info("bare");

  EXPECT_THAT(door_.messages(), ElementsAre("bare"));
}

TEST_F(SpdlogSinkTest, FormatsByThePatternOfItsOptions) {
  SpdlogSink::Options options;
  options.pattern = "%n [%l] %v";
  const auto logger = logger_with(std::make_shared<SpdlogSink>(options));
  logger->set_pattern("ignored");

  logger->warn("full");
  logger->warn("its own line break\n");

  EXPECT_THAT(door_.messages(),
              ElementsAre("app [warning] full", "app [warning] its own line break\n"));
}

TEST_F(SpdlogSinkTest, FormatsOnManyThreadsAtOnce) {
  SpdlogSink::Options options;
  options.pattern = "%H:%M:%S <%v>";
  const auto logger = logger_with(std::make_shared<SpdlogSink>(options));

  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&logger] {
      for (int line = 0; line < 500; ++line) logger->info("x");
    });
  }
  for (std::thread& thread : threads) thread.join();

  ASSERT_EQ(door_.count(), 4000U);
  for (const std::string& message : door_.messages()) {
    EXPECT_THAT(message, ::testing::MatchesRegex("[0-9][0-9]:[0-9][0-9]:[0-9][0-9] <x>"));
  }
}

#if defined(LANGFUSE_TEST_CAN_RUN_OUT_OF_MEMORY)
TEST_F(SpdlogSinkTest, SendsTheBareMessageWhenThereIsNoMemoryToFormatIt) {
  SpdlogSink::Options options;
  options.pattern = "[%l] %v";
  SpdlogSink sink(options);
  const std::string text(5000, 'x');  // more than spdlog formats on the stack
  const spdlog::details::log_msg message("app", spdlog::level::info, text);
  door_.on_submit([](const LogLine&) { is_out_of_memory = false; });

  is_out_of_memory = true;
  sink.log(message);

  EXPECT_THAT(door_.messages(), ElementsAre(text));
}
#endif

TEST_F(SpdlogSinkTest, WorksWithSpdlogsFactories) {
  const auto logger = spdlog::create<SpdlogSink>("created");
  SpdlogSink::Options options;
  options.level = spdlog::level::warn;
  const auto strict = spdlog::create<SpdlogSink>("created strict", options);

  logger->info("one");
  strict->info("below");
  strict->warn("two");

  EXPECT_THAT(door_.messages(), ElementsAre("one", "two"));
  spdlog::drop("created");
  spdlog::drop("created strict");
}

TEST_F(SpdlogSinkTest, IsTheOnlySinkOfALangfuseLogger) {
  SpdlogSink::Options options;
  options.level = spdlog::level::warn;
  const auto logger = langfuse_logger_mt("only", options);
  const auto single = langfuse_logger_st("only st");

  logger->info("below");
  logger->warn("one");
  single->info("two");

  EXPECT_EQ(spdlog::get("only"), logger);
  EXPECT_THAT(door_.messages(), ElementsAre("one", "two"));
  spdlog::drop("only");
  spdlog::drop("only st");
}

// Pool threads and the periodic flusher call `flush` on our sink while our own flush waits for
// them.
TEST_F(SpdlogSinkTest, NeverWaitsInTheFlushesOfSpdlog) {
  constexpr int lines = 2000;
  spdlog::init_thread_pool(64, 2);
  const auto logger = spdlog::create_async<SpdlogSink>("flushing");
  logger->flush_on(spdlog::level::trace);

  std::atomic<bool> is_produced{false};
  std::thread producer([&] {
    for (int line = 0; line < lines; ++line) logger->info("x");
    is_produced = true;
  });
  // What the thread of `flush_every` calls, without waiting for its seconds.
  std::thread periodic([&] {
    while (!is_produced) spdlog::details::registry::instance().flush_all();
  });
  for (int flush = 0; flush < 20; ++flush) door_.flush();
  producer.join();
  periodic.join();
  door_.flush();

  EXPECT_EQ(door_.count(), std::size_t{lines});
  EXPECT_GT(door_.wakes(), 0);
  spdlog::drop("flushing");
}

TEST_F(SpdlogSinkTest, RegistersOneFlushSourceForAllSinks) {
  const SpdlogSink first;
  const int sources = door_.sources();
  const SpdlogSink second;

  EXPECT_GE(sources, 1);
  EXPECT_EQ(door_.sources(), sources);
}

}  // namespace
}  // namespace langfuse::testing

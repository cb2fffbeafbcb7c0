#include "langfuse/sinks/spdlog_attach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/dup_filter_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/sinks/fake_door.h"
#include "tests/sinks/spdlog_attach_fixture.h"

namespace langfuse::testing {
namespace {

using ::testing::ElementsAre;

TEST_F(SpdlogAttach, CapturesALineAndLetsItGoItsWay) {
  const auto log = attach(printing_logger());

  log->log(spdlog::source_loc("cache.cpp", 42, "look_up"), spdlog::level::warn, "cache {}", "miss");

  EXPECT_EQ(printed(), "app warning cache miss\n");
  ASSERT_EQ(door_.count(), 1U);
  const SubmittedLine line = door_.lines()[0];
  EXPECT_EQ(line.severity, Severity::warning);
  EXPECT_EQ(line.message, "cache miss");
  EXPECT_EQ(line.logger, "app");
  EXPECT_EQ(line.file, "cache.cpp");
  EXPECT_EQ(line.function, "look_up");
  EXPECT_EQ(line.line, 42);
  EXPECT_EQ(line.thread_id, spdlog::details::os::thread_id());
  EXPECT_TRUE(line.is_from_here);
}

TEST_F(SpdlogAttach, CapturesOnTheCallingThreadOfAnAsynchronousLogger) {
  const auto log = attach(asynchronous_logger());

  log->info("queued");

  ASSERT_EQ(door_.count(), 1U);  // there at once, with no flush
  EXPECT_TRUE(door_.lines()[0].is_from_here);
  EXPECT_EQ(door_.lines()[0].submitter, std::this_thread::get_id());
  EXPECT_EQ(printed(), "app info queued\n");
}

TEST_F(SpdlogAttach, LeavesAnAsynchronousLoggerAsynchronous) {
  class ThreadSink final : public spdlog::sinks::sink {
   public:
    void log(const spdlog::details::log_msg& message) override {
      here = std::this_thread::get_id();
      logged_by = message.thread_id;
    }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    std::thread::id here;
    std::size_t logged_by = 0;
  };
  const auto sink = std::make_shared<ThreadSink>();
  pool_ = std::make_shared<spdlog::details::thread_pool>(64, 1);
  const auto log = attach(std::make_shared<spdlog::async_logger>("app", sink, pool_));

  log->info("queued");
  pool_.reset();

  EXPECT_NE(sink->here, std::thread::id());
  EXPECT_NE(sink->here, std::this_thread::get_id());
  EXPECT_EQ(sink->logged_by, spdlog::details::os::thread_id());
}

TEST_F(SpdlogAttach, SendsWhatItsOwnLevelAllows) {
  const auto log = attach(printing_logger());
  log->set_level(spdlog::level::trace);
  AttachOptions options;
  options.level = spdlog::level::trace;
  const auto verbose = attach(printing_logger(), options);
  verbose->set_level(spdlog::level::debug);

  log->debug("printed only");
  verbose->trace("neither");
  verbose->debug("both");

  EXPECT_THAT(door_.messages(), ElementsAre("both"));
  EXPECT_EQ(printed(), "app debug printed only\napp debug both\n");
}

TEST_F(SpdlogAttach, FormatsByThePatternOfItsOptions) {
  AttachOptions options;
  options.pattern = "[%l] %v";
  const auto log = attach(printing_logger(), options);

  log->warn("x");

  EXPECT_THAT(door_.messages(), ElementsAre("[warning] x"));
  EXPECT_EQ(printed(), "app warning x\n");
}

TEST_F(SpdlogAttach, LimitsLinesAsItsOptionsSay) {
  AttachOptions options;
  options.max_per_call_site = 1;
  const auto log = attach(printing_logger(), options);
  for (int line = 0; line < 1000; ++line) log->info("line {}", line);

  // One a second, and summaries.
  EXPECT_LT(door_.count(), 100U);
  EXPECT_EQ(door_.messages()[0], "line 0");
}

TEST_F(SpdlogAttach, LetsPatternsReachTheSinks) {
  spdlog::register_logger(printing_logger());
  const auto log = attach(spdlog::get("app"));

  log->set_pattern("<%v>");
  log->info("x");

  EXPECT_EQ(printed(), "<x>\n");
  EXPECT_THAT(door_.messages(), ElementsAre("x"));
}

TEST_F(SpdlogAttach, CountsSinksThatAreAddedToAPlainLoggersFront) {
  const auto log = attach(std::make_shared<spdlog::logger>("app"));

  log->sinks().push_back(printing_sink());
  log->set_pattern("%v");
  log->info("x");

  EXPECT_EQ(printed(), "x\n");
}

TEST_F(SpdlogAttach, SendsALineOnceThoughTheLoggerHasASink) {
  const auto original = printing_logger();
  original->sinks().push_back(std::make_shared<SpdlogSink>());

  const auto log = attach(original);
  log->info("front");
  original->info("original");

  EXPECT_THAT(door_.messages(), ElementsAre("front", "original"));
}

TEST_F(SpdlogAttach, SendsALineOnceThoughTheAsynchronousLoggerHasASink) {
  const auto original = asynchronous_logger();
  original->sinks().push_back(std::make_shared<SpdlogSink>());
  spdlog::register_logger(original);

  const auto log = attach(original);
  log->info("front");
  original->info("original");
  door_.flush();

  ASSERT_THAT(door_.messages(), ElementsAre("front", "original"));
  EXPECT_TRUE(door_.lines()[0].is_from_here);
  EXPECT_FALSE(door_.lines()[1].is_from_here);
  EXPECT_EQ(printed(), "app info front\napp info original\n");
}

TEST_F(SpdlogAttach, FlushReachesTheSinksAndWakes) {
  class FlushSink final : public spdlog::sinks::sink {
   public:
    void log(const spdlog::details::log_msg&) override {}
    void flush() override { ++flushes; }
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    int flushes = 0;
  };
  const auto plain = std::make_shared<FlushSink>();
  const auto queued = std::make_shared<FlushSink>();
  pool_ = std::make_shared<spdlog::details::thread_pool>(64, 1);
  const auto log = attach(std::make_shared<spdlog::logger>("app", plain));
  const auto asynchronous = attach(std::make_shared<spdlog::async_logger>("app", queued, pool_));
  log->flush_on(spdlog::level::err);
  asynchronous->flush_on(spdlog::level::err);

  log->flush();
  log->error("x");
  asynchronous->flush();
  asynchronous->error("x");
  pool_.reset();

  EXPECT_EQ(plain->flushes, 2);
  EXPECT_EQ(queued->flushes, 2);
  EXPECT_EQ(door_.wakes(), 4);
}

TEST_F(SpdlogAttach, ReplaysABacktraceWithoutAParentAndWithoutItsBanners) {
  const auto original = printing_logger();
  original->enable_backtrace(4);
  const auto log = attach(original);
  log->set_level(spdlog::level::warn);

  log->info("kept back");
  log->dump_backtrace();
  log->warn("now");

  ASSERT_THAT(door_.messages(), ElementsAre("kept back", "now"));
  EXPECT_FALSE(door_.lines()[0].is_from_here);
  EXPECT_TRUE(door_.lines()[1].is_from_here);
  EXPECT_EQ(printed(),
            "app info ****************** Backtrace Start ******************\n"
            "app info kept back\n"
            "app info ****************** Backtrace End ********************\n"
            "app warning now\n");
}

TEST_F(SpdlogAttach, ReplaysABacktraceWithoutAParentThoughItsBannersAreHidden) {
  AttachOptions options;
  options.level = spdlog::level::err;
  const auto original = printing_logger();
  original->enable_backtrace(4);
  const auto log = attach(original, options);

  log->error("x");
  original->set_level(spdlog::level::critical);  // reaches the front with the first banner
  log->dump_backtrace();

  ASSERT_THAT(door_.messages(), ElementsAre("x", "x"));
  EXPECT_TRUE(door_.lines()[0].is_from_here);
  EXPECT_FALSE(door_.lines()[1].is_from_here);
  EXPECT_EQ(printed(),
            "app error x\n"
            "app info ****************** Backtrace Start ******************\n"
            "app error x\n"
            "app info ****************** Backtrace End ********************\n");
}

TEST_F(SpdlogAttach, ClonesCaptureToo) {
  const auto log = attach(printing_logger());

  const auto copy = log->clone("copy");
  copy->info("x");

  ASSERT_EQ(door_.count(), 1U);
  EXPECT_EQ(door_.lines()[0].logger, "copy");
  EXPECT_EQ(printed(), "copy info x\n");
}

TEST_F(SpdlogAttach, ForgetsTheMessageWhenASinkThrows) {
  class ThrowingSink final : public spdlog::sinks::sink {
   public:
    void log(const spdlog::details::log_msg&) override { throw 1; }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}
  };
  const auto log =
      attach(std::make_shared<spdlog::logger>("app", std::make_shared<ThrowingSink>()));
  log->set_error_handler([](const std::string&) {});

  EXPECT_THROW(log->info("x"), int);

  EXPECT_EQ(internal::sink_thread().captured, nullptr);
}

// In place of `attach`, which sends what a filtering sink keeps from the others.
TEST_F(SpdlogAttach, SendsWhatAFilterSuppressesAndASinkBehindItDoesNot) {
  const auto filter = std::make_shared<spdlog::sinks::dup_filter_sink_mt>(std::chrono::hours(1));
  filter->add_sink(printing_sink());
  const auto log = attach(std::make_shared<spdlog::logger>("app", filter));
  log->info("twice");
  log->info("twice");
  EXPECT_THAT(door_.messages(), ElementsAre("twice", "twice"));
  door_.reset();

  const auto behind = std::make_shared<spdlog::sinks::dup_filter_sink_mt>(std::chrono::hours(1));
  behind->add_sink(std::make_shared<SpdlogSink>());
  spdlog::logger filtered("app", behind);
  filtered.info("twice");
  filtered.info("twice");
  filtered.info("once");

  EXPECT_THAT(door_.messages(), ElementsAre("twice", "Skipped 1 duplicate messages..", "once"));
}

TEST_F(SpdlogAttach, GivesLinesToALoggerOfTheUsersOwn) {
  class OwnLogger final : public spdlog::logger {
   public:
    OwnLogger() : logger("own") {}
    std::string last;

   protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
      last.assign(message.payload.data(), message.payload.size());
    }
  };
  const auto own = std::make_shared<OwnLogger>();

  attach(own)->info("x");

  EXPECT_EQ(own->last, "x");
  EXPECT_THAT(door_.messages(), ElementsAre("x"));
}

}  // namespace
}  // namespace langfuse::testing

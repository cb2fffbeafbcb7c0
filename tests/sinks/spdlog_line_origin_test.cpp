#include "langfuse/sinks/spdlog_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/details/log_msg_buffer.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/dup_filter_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/sinks/spdlog_logger.h"
#include "tests/sinks/fake_door.h"
#include "tests/sinks/spdlog_sink_fixture.h"

namespace langfuse::testing {
namespace {

using ::testing::ElementsAre;

TEST_F(SpdlogSinkTest, KnowsALineOfAnotherThread) {
  SpdlogSink sink;
  std::unique_ptr<spdlog::details::log_msg> message;
  std::thread([&message] {
    message = std::make_unique<spdlog::details::log_msg>("app", spdlog::level::info, "elsewhere");
  }).join();

  sink.log(*message);

  ASSERT_EQ(door_.count(), 1U);
  EXPECT_FALSE(door_.lines()[0].is_from_here);
  EXPECT_EQ(door_.lines()[0].thread_id, message->thread_id);
}

TEST_F(SpdlogSinkTest, DropsTheBannersOfABacktraceAndMarksWhatIsReplayed) {
  const auto sink = std::make_shared<SpdlogSink>();
  sink->set_level(spdlog::level::trace);
  const auto logger = logger_with(sink);
  logger->set_level(spdlog::level::info);
  logger->enable_backtrace(8);

  logger->debug("kept back");
  logger->dump_backtrace();
  logger->info("now");

  ASSERT_THAT(door_.messages(), ElementsAre("kept back", "now"));
  EXPECT_FALSE(door_.lines()[0].is_from_here);
  EXPECT_TRUE(door_.lines()[1].is_from_here);
}

// Hands messages on as they are, as a wrapper of the user's own may.
class PassingSink final : public spdlog::sinks::sink {
 public:
  explicit PassingSink(spdlog::sink_ptr inner) : inner_(std::move(inner)) {}
  void log(const spdlog::details::log_msg& message) override {
    if (inner_->should_log(message.level)) inner_->log(message);
  }
  void flush() override { inner_->flush(); }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  spdlog::sink_ptr inner_;
};

// Keeps copies and hands them on later, on the thread that flushes.
class DeferringSink final : public spdlog::sinks::sink {
 public:
  explicit DeferringSink(spdlog::sink_ptr inner) : inner_(std::move(inner)) {}
  void log(const spdlog::details::log_msg& message) override { kept_.emplace_back(message); }
  void flush() override {
    for (const auto& message : kept_) inner_->log(message);
    kept_.clear();
  }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  spdlog::sink_ptr inner_;
  std::vector<spdlog::details::log_msg_buffer> kept_;
};

// The banners are of level info: neither the sink nor what is around it may have to see them.
struct HiddenBanners {
  const char* name;
  spdlog::level::level_enum outer;
  spdlog::level::level_enum inner;
  spdlog::sink_ptr (*wrap)(spdlog::sink_ptr);
};

spdlog::sink_ptr in_nothing(spdlog::sink_ptr sink) {
  return sink;
}
spdlog::sink_ptr in_dist_sink(spdlog::sink_ptr sink) {
  const auto outer = std::make_shared<spdlog::sinks::dist_sink_mt>();
  outer->add_sink(std::move(sink));
  return outer;
}
spdlog::sink_ptr in_dup_filter(spdlog::sink_ptr sink) {
  const auto outer =
      std::make_shared<spdlog::sinks::dup_filter_sink_mt>(std::chrono::microseconds(1));
  outer->add_sink(std::move(sink));
  return outer;
}
spdlog::sink_ptr in_own_sink(spdlog::sink_ptr sink) {
  return std::make_shared<PassingSink>(std::move(sink));
}

class SpdlogBacktrace : public SpdlogSinkTest,
                        public ::testing::WithParamInterface<HiddenBanners> {};

// A dumped backtrace never lands under what is current at the dump, whoever hides its banners.
TEST_P(SpdlogBacktrace, IsNotFromHereThoughItsBannersAreHidden) {
  const auto sink = std::make_shared<SpdlogSink>();
  sink->set_level(GetParam().inner);
  const spdlog::sink_ptr outer = GetParam().wrap(sink);
  if (outer != sink) outer->set_level(GetParam().outer);
  spdlog::logger logger("app", outer);
  logger.enable_backtrace(8);

  logger.warn("one");
  logger.warn("");
  logger.dump_backtrace();
  logger.warn("now");

  ASSERT_THAT(door_.messages(), ElementsAre("one", "", "one", "", "now"));
  const std::vector<SubmittedLine> lines = door_.lines();
  EXPECT_TRUE(lines[0].is_from_here && lines[1].is_from_here && lines[4].is_from_here);
  for (const std::size_t replayed : {2U, 3U}) {
    EXPECT_FALSE(lines[replayed].is_from_here);
    EXPECT_FALSE(lines[replayed].has_exact_time);
    EXPECT_EQ(lines[replayed].time_unix_nano, lines[replayed - 2].time_unix_nano);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Wrapped, SpdlogBacktrace,
    ::testing::Values(
        HiddenBanners{"ByItsOwnLevel", spdlog::level::off, spdlog::level::warn, in_nothing},
        HiddenBanners{"ByADistSink", spdlog::level::warn, spdlog::level::info, in_dist_sink},
        HiddenBanners{"BehindADistSink", spdlog::level::info, spdlog::level::warn, in_dist_sink},
        HiddenBanners{"ByADupFilter", spdlog::level::warn, spdlog::level::trace, in_dup_filter},
        HiddenBanners{"ByAnOwnSink", spdlog::level::warn, spdlog::level::trace, in_own_sink},
        HiddenBanners{"BehindAnOwnSink", spdlog::level::trace, spdlog::level::warn, in_own_sink},
        HiddenBanners{"ByNobody", spdlog::level::trace, spdlog::level::trace, in_own_sink}),
    [](const auto& test) { return test.param.name; });

TEST_F(SpdlogSinkTest, TakesNothingForNewThatASinkAroundItKeptForLater) {
  const auto outer = std::make_shared<DeferringSink>(std::make_shared<SpdlogSink>());
  spdlog::logger logger("app", outer);

  logger.info("kept");
  logger.flush();

  ASSERT_THAT(door_.messages(), ElementsAre("kept"));
  EXPECT_FALSE(door_.lines()[0].is_from_here);
}

// The line goes through the queue, too, and what is current when it comes out may be another scope.
TEST_F(SpdlogSinkTest, TakesNothingForNewThatAPoolThreadLoggedItself) {
  const auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
  const auto inner =
      std::make_shared<spdlog::async_logger>("inner", std::make_shared<SpdlogSink>(), pool);
  class LoggingSink final : public spdlog::sinks::sink {
   public:
    explicit LoggingSink(spdlog::logger& target) : target_(target) {}
    void log(const spdlog::details::log_msg&) override { target_.info("of the pool"); }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

   private:
    spdlog::logger& target_;
  };
  const auto logger =
      std::make_shared<spdlog::async_logger>("outer", std::make_shared<LoggingSink>(*inner), pool);
  SpdlogSink::watch(inner);
  SpdlogSink::watch(logger);

  logger->info("x");
  door_.flush();  // brings the line into the inner logger's queue
  door_.flush();

  ASSERT_THAT(door_.messages(), ElementsAre("of the pool"));
  EXPECT_FALSE(door_.lines()[0].is_from_here);
}

TEST_F(SpdlogSinkTest, TakesALaterLineForWhatItIsWhenTheEndBannerWasHidden) {
  const auto sink = std::make_shared<SpdlogSink>();
  const auto logger = logger_with(sink);
  spdlog::details::log_msg banner("app", spdlog::level::info,
                                  "****************** Backtrace Start ******************");
  banner.time -= std::chrono::seconds(1);

  sink->log(banner);
  logger->info("later");

  ASSERT_EQ(door_.count(), 1U);
  EXPECT_TRUE(door_.lines()[0].is_from_here);
  sink->log(spdlog::details::log_msg("app", spdlog::level::info,
                                     "****************** Backtrace End ********************"));
}

TEST_F(SpdlogSinkTest, MarksTheLinesOfAnAsynchronousLogger) {
  const auto logger = spdlog::create_async<SpdlogSink>("asynchronous");

  logger->info("through the pool");
  door_.flush();

  ASSERT_EQ(door_.count(), 1U);
  const SubmittedLine line = door_.lines()[0];
  EXPECT_FALSE(line.is_from_here);
  EXPECT_TRUE(line.has_exact_time);
  EXPECT_EQ(line.thread_id, spdlog::details::os::thread_id());
  EXPECT_NE(line.submitter, std::this_thread::get_id());
  spdlog::drop("asynchronous");
}

// From the moment a sink is there until its first line tells which kind of logger it is in.
TEST_F(SpdlogSinkTest, HasContextsRecordedUntilALineComesWhereItWasLogged) {
  const int before = door_.trials();
  const auto first = std::make_shared<SpdlogSink>();
  const auto second = std::make_shared<SpdlogSink>();
  EXPECT_EQ(door_.trials(), before + 2);

  logger_with(first)->info("x");
  logger_with(first)->info("x");
  EXPECT_EQ(door_.trials(), before + 1);

  const auto front = attach(logger_with(second));
  front->info("captured in front");
  EXPECT_EQ(door_.trials(), before);
  EXPECT_FALSE(door_.is_recording());
}

TEST_F(SpdlogSinkTest, HasContextsRecordedInAnAsynchronousLoggerForAsLongAsItLives) {
  const int before = door_.trials();
  {
    const auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
    const auto logger =
        std::make_shared<spdlog::async_logger>("app", std::make_shared<SpdlogSink>(), pool);
    logger->enable_backtrace(4);
    logger->info("x");
    logger->dump_backtrace();
    spdlog::register_logger(logger);
    door_.flush();
    EXPECT_EQ(door_.count(), 2U);
    EXPECT_EQ(door_.trials(), before + 1);
    spdlog::drop("app");
  }

  EXPECT_EQ(door_.trials(), before);
}

TEST_F(SpdlogSinkTest, HasContextsRecordedForGoodWhereTheLoggerIsKnownToBeAsynchronous) {
  langfuse_logger_mt("synchronous");
  EXPECT_FALSE(door_.is_recording());

  langfuse_logger_mt<spdlog::async_factory>("asynchronous");
  EXPECT_TRUE(door_.is_recording());

  door_.reset();
  SpdlogSink::watch(logger_with(std::make_shared<SpdlogSink>()));
  EXPECT_TRUE(door_.is_recording());
  spdlog::drop("synchronous");
  spdlog::drop("asynchronous");
}

}  // namespace
}  // namespace langfuse::testing

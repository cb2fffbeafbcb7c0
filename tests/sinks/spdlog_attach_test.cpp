#include "langfuse/sinks/spdlog_attach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/dup_filter_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/sinks/fake_door.h"

namespace langfuse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SpdlogAttach : public ::testing::Test {
 protected:
  SpdlogAttach() : default_logger_(spdlog::default_logger()) { door_.reset(); }
  ~SpdlogAttach() override {
    spdlog::drop("app");
    spdlog::set_default_logger(default_logger_);
  }

  // A logger that prints "logger level message" lines into `printed_`.
  std::shared_ptr<spdlog::logger> printing_logger() {
    auto logger = std::make_shared<spdlog::logger>("app", printing_sink());
    logger->set_pattern("%n %l %v");
    return logger;
  }
  std::shared_ptr<spdlog::sinks::sink> printing_sink() {
    return std::make_shared<spdlog::sinks::ostream_sink_mt>(printed_);
  }

  // The same behind a queue. The pool ends with its owner, when all has been printed.
  std::shared_ptr<spdlog::logger> asynchronous_logger() {
    pool_ = std::make_shared<spdlog::details::thread_pool>(64, 1);
    auto logger = std::make_shared<spdlog::async_logger>("app", printing_sink(), pool_);
    logger->set_pattern("%n %l %v");
    return logger;
  }
  std::string printed() {
    pool_.reset();
    return printed_.str();
  }

  FakeDoor& door_ = FakeDoor::get();
  std::shared_ptr<spdlog::logger> default_logger_;
  std::ostringstream printed_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
};

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

TEST_F(SpdlogAttach, TakesTheDefaultLoggersPlace) {
  const auto original = printing_logger();
  spdlog::set_default_logger(original);

  const auto log = attach(spdlog::default_logger());
  spdlog::info("by the default logger");

  EXPECT_EQ(spdlog::default_logger(), log);
  EXPECT_EQ(spdlog::get("app"), log);
  EXPECT_THAT(door_.messages(), ElementsAre("by the default logger"));
  EXPECT_EQ(printed(), "app info by the default logger\n");
}

TEST_F(SpdlogAttach, TakesItsPlaceInTheRegistryAndLeavesTheDefaultLogger) {
  spdlog::register_logger(printing_logger());

  const auto log = attach(spdlog::get("app"));

  EXPECT_EQ(spdlog::get("app"), log);
  EXPECT_EQ(spdlog::default_logger(), default_logger_);
}

TEST_F(SpdlogAttach, RegistersNothingThatWasNotRegistered) {
  attach(printing_logger());

  EXPECT_EQ(spdlog::get("app"), nullptr);
}

TEST_F(SpdlogAttach, DoneAgainChangesNothing) {
  const auto original = printing_logger();
  spdlog::register_logger(original);

  const auto log = attach(original);
  log->info("once");

  EXPECT_EQ(attach(original), log);
  EXPECT_EQ(attach(log), log);
  EXPECT_EQ(spdlog::get("app"), log);
  EXPECT_THAT(door_.messages(), ElementsAre("once"));
}

// Who put the original back and attaches it again wants its lines, whoever still holds the front.
TEST_F(SpdlogAttach, DoneAgainTakesThePlaceOfAnOriginalThatCameBack) {
  const auto original = printing_logger();
  spdlog::set_default_logger(original);
  const auto front = attach(original);

  spdlog::set_default_logger(default_logger_);
  spdlog::set_default_logger(original);
  EXPECT_EQ(attach(spdlog::default_logger()), front);
  EXPECT_EQ(spdlog::default_logger(), front);
  spdlog::info("as the default");

  spdlog::set_default_logger(default_logger_);
  spdlog::drop("app");
  spdlog::register_logger(original);
  EXPECT_EQ(attach(front), front);
  EXPECT_EQ(spdlog::get("app"), front);
  EXPECT_EQ(spdlog::default_logger(), default_logger_);
  spdlog::get("app")->info("registered");

  EXPECT_THAT(door_.messages(), ElementsAre("as the default", "registered"));
}

// Another logger has the name by now: it stays where it is.
TEST_F(SpdlogAttach, DoneAgainLeavesTheRegistryToOthers) {
  const auto original = printing_logger();
  spdlog::register_logger(original);
  const auto front = attach(original);
  spdlog::drop("app");
  const auto other = printing_logger();
  spdlog::register_logger(other);

  EXPECT_EQ(attach(original), front);
  EXPECT_EQ(spdlog::get("app"), other);
}

TEST_F(SpdlogAttach, OfNothingIsNothing) {
  EXPECT_EQ(attach(nullptr), nullptr);
  EXPECT_EQ(detach(nullptr), nullptr);
}

TEST_F(SpdlogAttach, DetachPutsTheOriginalBack) {
  const auto original = printing_logger();
  spdlog::set_default_logger(original);
  const auto log = attach(original);
  log->set_level(spdlog::level::warn);
  log->flush_on(spdlog::level::err);

  EXPECT_EQ(detach(log), original);
  spdlog::info("below");
  spdlog::warn("not captured");

  EXPECT_EQ(spdlog::default_logger(), original);
  EXPECT_EQ(original->flush_level(), spdlog::level::err);
  EXPECT_EQ(door_.count(), 0U);
  EXPECT_EQ(printed(), "app warning not captured\n");
}

TEST_F(SpdlogAttach, CanBeDoneAnewAfterDetach) {
  const auto original = printing_logger();
  spdlog::register_logger(original);
  const auto first = attach(original);

  detach(original);
  const auto second = attach(original);

  EXPECT_NE(first, second);
  EXPECT_EQ(spdlog::get("app"), second);
}

TEST_F(SpdlogAttach, DetachLeavesOthersAlone) {
  const auto other = printing_logger();
  spdlog::register_logger(other);

  EXPECT_EQ(detach(other), other);

  EXPECT_EQ(spdlog::get("app"), other);
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

TEST_F(SpdlogAttach, FollowsTheLevelThatTheRegistrySets) {
  spdlog::register_logger(asynchronous_logger());
  const auto log = attach(spdlog::get("app"));

  spdlog::set_level(spdlog::level::err);
  log->warn("below");
  spdlog::set_level(spdlog::level::info);
  log->info("at");

  EXPECT_THAT(door_.messages(), ElementsAre("at"));
  EXPECT_EQ(printed(), "app info at\n");
}

TEST_F(SpdlogAttach, KeepsTheLevelsOfBothInStep) {
  const auto original = printing_logger();
  const auto log = attach(original);

  original->set_level(spdlog::level::warn);
  log->info("below");
  EXPECT_EQ(log->level(), spdlog::level::warn);

  log->set_level(spdlog::level::debug);
  log->debug("at");
  EXPECT_EQ(original->level(), spdlog::level::debug);

  original->set_level(spdlog::level::err);
  log->flush();
  EXPECT_EQ(log->level(), spdlog::level::err);
  EXPECT_EQ(printed(), "app debug at\n");
}

TEST_F(SpdlogAttach, KeepsTheLevelOfTheOriginalInStepWithTheRegistry) {
  const auto original = printing_logger();
  spdlog::register_logger(original);
  const auto log = attach(original);

  spdlog::set_level(spdlog::level::warn);
  log->warn("at");
  spdlog::set_level(spdlog::level::info);

  EXPECT_EQ(original->level(), spdlog::level::warn);
}

TEST_F(SpdlogAttach, LeavesClonesTheirOwnLevel) {
  const auto log = attach(printing_logger());
  const auto copy = log->clone("copy");

  copy->set_level(spdlog::level::err);
  copy->error("x");
  log->info("y");

  EXPECT_EQ(printed(), "copy error x\napp info y\n");
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

TEST_F(SpdlogAttach, KeepsLevelsAndErrorHandlerOfTheOriginal) {
  const auto original = printing_logger();
  original->set_level(spdlog::level::err);
  original->flush_on(spdlog::level::critical);
  std::string fault;
  original->set_error_handler([&fault](const std::string& text) { fault = text; });

  const auto log = attach(original);
  log->error(fmt::runtime("{} {}"), 1);  // an argument is missing

  EXPECT_EQ(log->name(), "app");
  EXPECT_EQ(log->level(), spdlog::level::err);
  EXPECT_EQ(log->flush_level(), spdlog::level::critical);
  EXPECT_NE(fault, "");
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

// What is logged through a pointer from before goes past the front: the logger is named, once.
TEST_F(SpdlogAttach, NamesALoggerThatIsHeldFromBefore) {
  spdlog::register_logger(printing_logger());
  const auto early = spdlog::get("app");
  attach(spdlog::get("app"));
  early->info("lost");

  door_.flush();
  door_.flush();

  EXPECT_THAT(door_.messages(), IsEmpty());
  ASSERT_THAT(door_.said(), ElementsAre(HasSubstr("logger 'app' was attached, and a pointer")));
  EXPECT_THAT(door_.remark().seen, HasSubstr("still held to logger 'app'"));
  EXPECT_NE(door_.remark().advice, "");
}

TEST_F(SpdlogAttach, NamesTheDefaultLoggerThatIsHeldFromBefore) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", printing_sink()));
  const auto early = spdlog::default_logger();

  const auto log = attach(spdlog::default_logger());
  log->info("not lost");
  door_.flush();

  EXPECT_THAT(door_.said(), ElementsAre(HasSubstr("the default logger was attached")));
}

TEST_F(SpdlogAttach, NamesALoggerWhoseFrontNobodyUses) {
  const auto registered = printing_logger();
  spdlog::register_logger(registered);
  attach(registered);
  const auto alone = std::make_shared<spdlog::logger>("alone", printing_sink());
  attach(alone);

  door_.flush();

  EXPECT_THAT(door_.said(),
              ElementsAre(HasSubstr("logger 'app' was"), HasSubstr("logger 'alone' was")));
}

TEST_F(SpdlogAttach, NamesNoLoggerWhoseLinesAreCaptured) {
  const auto console = printing_logger();
  spdlog::register_logger(console);
  const auto log = attach(console);
  log->info("x");
  auto replaced = std::make_shared<spdlog::logger>("replaced", printing_sink());
  replaced = attach(replaced);
  auto member = std::make_shared<spdlog::logger>("member", printing_sink());
  spdlog::register_logger(member);
  member = attach(spdlog::get("member"));
  const auto copy = member->clone("copy");
  const auto with_sink = std::make_shared<spdlog::logger>("sink", std::make_shared<SpdlogSink>());
  const auto front = attach(with_sink);
  const auto queued = asynchronous_logger();
  const auto early = queued;
  const auto queued_front = attach(queued);

  door_.flush();
  spdlog::drop("app");
  spdlog::drop("member");
  door_.flush();

  EXPECT_THAT(door_.said(), IsEmpty());
  EXPECT_EQ(door_.remark().advice, "");
  EXPECT_THAT(door_.remark().seen, HasSubstr("default_logger_raw()"));
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

#include "langfuse/sinks/spdlog_attach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "tests/sinks/fake_door.h"
#include "tests/sinks/spdlog_attach_fixture.h"

namespace langfuse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace langfuse::testing

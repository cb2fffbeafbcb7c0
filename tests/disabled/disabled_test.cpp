// What a program does when langfuse is compiled out: what it did anyway. Nothing of the library is
// linked.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "langfuse/diagnose.h"
#include "langfuse/flush_async.h"
#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/tracing/llm_handler.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "langfuse/tracing/wrap.h"

// What `observed_code.cpp` observes, and what it calls.
int scope(const std::string& question);
std::string generation(const std::string& prompt);
int handler(const std::string& question);
int wrapped(const std::string& question);
int flushed(const std::string& question);

int search(const std::string& question) {
  if (question.empty()) throw std::runtime_error("empty");
  return static_cast<int>(question.size());
}
bool next_token(std::string& token) {
  const bool is_first = token.empty();
  token = "!";
  return is_first;
}

namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(Disabled, NothingIsEnabledAndItSaysWhy) {
  const langfuse::Error error = langfuse::init();

  EXPECT_FALSE(error);
  EXPECT_FALSE(langfuse::enabled());
  EXPECT_EQ(langfuse::why_disabled(), "compiled out (LANGFUSE_DISABLED)");
}

TEST(Disabled, TheDiagnosisIsOneFailedCheck) {
  const langfuse::Diagnosis diagnosis = langfuse::diagnose();

  ASSERT_THAT(diagnosis.checks, SizeIs(1));
  EXPECT_EQ(diagnosis.first_failed(), static_cast<int>(langfuse::CheckNumber::enabled));
  EXPECT_EQ(diagnosis.checks[0].seen, langfuse::why_disabled());
}

TEST(Disabled, AFlushHasNothingToDo) {
  const langfuse::FlushResult result = langfuse::flush();

  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.status, langfuse::FlushStatus::not_configured);
  EXPECT_EQ(langfuse::stats().submitted, 0u);
}

TEST(Disabled, AnAsynchronousFlushIsReadyAtOnce) {
  EXPECT_TRUE(langfuse::flush_async().get().ok());
  EXPECT_TRUE(langfuse::shutdown_async(std::chrono::seconds(1)).get().ok());
}

TEST(Disabled, ObservedCodeDoesWhatItDidBefore) {
  EXPECT_EQ(scope("four"), 16);
  EXPECT_EQ(generation("Hello"), "Hello!");
  EXPECT_EQ(handler(""), -1);
  EXPECT_EQ(wrapped("four"), 4);
  EXPECT_EQ(flushed("four"), 4);
}

TEST(Disabled, RunWithFlushGivesBackWhatTheWorkflowGaveBack) {
  int number = 1;

  int& reference = langfuse::run_with_flush([&]() -> int& { return number; });
  const std::unique_ptr<int> owned =
      langfuse::run_with_flush([](int value) { return std::make_unique<int>(value); }, 2);

  EXPECT_EQ(&reference, &number);
  EXPECT_EQ(*owned, 2);
}

TEST(Disabled, RunWithFlushLetsExceptionsThrough) {
  EXPECT_THROW(langfuse::run_with_flush([] { throw std::runtime_error("no"); }),
               std::runtime_error);
}

TEST(Disabled, AWorkflowObjectIsRun) {
  struct Workflow {
    int run(int x) const { return x + 1; }
  };

  EXPECT_EQ(langfuse::run_workflow_with_flush(Workflow(), 1), 2);
}

TEST(Disabled, WrappedFunctionsAreCalled) {
  const auto twice = langfuse::observe_fn("twice", [](int x) { return 2 * x; });
  const auto failing = [] { throw std::runtime_error("no"); };

  EXPECT_EQ(twice(21), 42);
  EXPECT_EQ(langfuse::observed("length", &std::string::size, std::string("four")), 4u);
  EXPECT_THROW(langfuse::observed("failing", failing), std::runtime_error);
}

TEST(Disabled, BoundFunctionsAreCalled) {
  EXPECT_EQ(langfuse::bind_context([](int x) { return x; })(3), 3);
}

TEST(Disabled, ArgumentsAreEvaluatedAsForAnyFunction) {
  int evaluated = 0;
  auto step = langfuse::observe("step");

  step.set_input(++evaluated);
  langfuse::observed(
      "add", [](int) {}, ++evaluated);

  EXPECT_EQ(evaluated, 2);
}

TEST(Disabled, IdsAreInvalidAndHeadersEmpty) {
  const auto step = langfuse::observe("step");

  EXPECT_FALSE(step.trace_id().is_valid());
  EXPECT_FALSE(langfuse::create_trace_id("order-1").is_valid());
  EXPECT_FALSE(langfuse::current_context().is_valid());
  EXPECT_THAT(std::string(langfuse::traceparent(step.context()).c_str()), IsEmpty());
  EXPECT_THAT(langfuse::baggage(step.context()), IsEmpty());
}

TEST(Disabled, AnEventIsFilledAsWithoutKeys) {
  bool is_filled = false;

  langfuse::create_event("miss", [&](auto&) { is_filled = true; });

  EXPECT_TRUE(is_filled);
}

TEST(Disabled, AHandlerHasNoRuns) {
  langfuse::LlmHandler handler;

  handler.on_llm_start("1", "qwen3-8b", "prompt");

  EXPECT_FALSE(handler.update("1", [](langfuse::Observation&) { FAIL(); }));
  EXPECT_EQ(handler.stats().open, 0u);
}

TEST(Disabled, AttachGivesBackTheLogger) {
  const auto logger = std::make_shared<spdlog::logger>("app");

  EXPECT_EQ(langfuse::attach(logger), logger);
  EXPECT_EQ(langfuse::detach(logger), logger);
}

TEST(Disabled, ALineGoesToTheOtherSinksOfItsLogger) {
  std::ostringstream out;
  const auto ours = std::make_shared<langfuse::SpdlogSink>();
  const auto other = std::make_shared<spdlog::sinks::ostream_sink_st>(out);
  spdlog::logger logger("app", {ours, other});
  logger.set_pattern("%v");

  logger.info("cache miss");

  EXPECT_EQ(out.str(), "cache miss\n");
}

TEST(Disabled, TheSinkHasTheLevelOfItsOptions) {
  langfuse::SpdlogSink::Options options;
  options.level = spdlog::level::err;

  EXPECT_EQ(langfuse::SpdlogSink(options).level(), spdlog::level::err);
}

}  // namespace

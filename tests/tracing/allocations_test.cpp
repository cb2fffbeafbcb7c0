// What the hot paths allocate.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/start_observation.h"
#include "langfuse/tracing/wrap.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

// The queue takes a block for every so many records of a thread; these few fit one.
constexpr int few = 8;

template <class F>
std::uint64_t allocations_of(F f) {
  const std::uint64_t before = testing::thread_allocations();
  f();
  return testing::thread_allocations() - before;
}

void observed_scope() {
  auto observation = observe("scope", ObservationType::generation);
  observation.set_input("question").set_output("answer").set_metadata("key", 1).set_model("m");
  observation.set_usage("input", 1).set_cost("total", 0.5).set_model_parameter("p", "text");
  observation.set_status_message("fine").set_version("1").set_output("another answer");
  auto child = observe("child");
}

void log_line() {
  LogLine line;
  line.message = "message";
  line.logger = "logger";
  line.file = "file.cpp";
  line.function = "function";
  line.line = 7;
  line.thread_id = 1;
  submit(line);
}

void wrapped_call() {
  static const auto wrapped = observe_fn(
      WrapOptions("wrapped").set_capture_input(IoCapture::yes).set_capture_output(IoCapture::yes),
      [](int a, const char*) { return a; });
  wrapped(1, "text");
}

void streamed_answer() {
  auto call = start_observation("chat", ObservationOptions().set_type(ObservationType::generation));
  for (int i = 0; i < 100; ++i) call.on_token("token ");
}

TEST(Allocations, AreCountedHere) {
  // Kept where the compiler cannot see that nobody wants them.
  static int* volatile by_new = nullptr;
  static void* volatile by_malloc = nullptr;

  EXPECT_EQ(allocations_of([] { by_new = new int; }), 1u);
  EXPECT_EQ(allocations_of([] { by_malloc = std::malloc(100); }), 1u);
  delete by_new;
  std::free(by_malloc);
}

TEST(Allocations, AreNoneWhenNothingIsConfigured) {
  observed_scope();

  EXPECT_EQ(allocations_of(observed_scope), 0u);
  EXPECT_EQ(allocations_of(log_line), 0u);
  EXPECT_EQ(allocations_of([] { const ContextScope scope{Context()}; }), 0u);
  wrapped_call();
  EXPECT_EQ(allocations_of(wrapped_call), 0u);
  EXPECT_EQ(allocations_of(streamed_answer), 0u);
  EXPECT_EQ(allocations_of([] { current_observation().set_input(1); }), 0u);
}

TEST(Allocations, AreNoneAnObservationInTheSteadyState) {
  Capture capture;
  for (int i = 0; i < few; ++i) observed_scope();
  capture.spans();

  EXPECT_EQ(allocations_of(observed_scope), 0u);
}

TEST(Allocations, AreNoneAWrappedCall) {
  Capture capture;
  for (int i = 0; i < few; ++i) wrapped_call();
  capture.spans();

  EXPECT_EQ(allocations_of(wrapped_call), 0u);
}

TEST(Allocations, AreNoneAStreamedAnswerHoweverManyTokens) {
  Capture capture;
  for (int i = 0; i < few; ++i) streamed_answer();
  capture.spans();

  EXPECT_EQ(allocations_of(streamed_answer), 0u);
}

TEST(Allocations, AreNoneOutOfTheSample) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  Capture capture(settings);
  observed_scope();

  EXPECT_EQ(allocations_of(observed_scope), 0u);
  const auto outer = observe("outer");
  EXPECT_EQ(allocations_of(log_line), 0u);
}

TEST(Allocations, AreNoneALogLine) {
  Capture capture;
  auto scope = observe("scope");
  for (int i = 0; i < few; ++i) log_line();
  capture.spans();

  EXPECT_EQ(allocations_of(log_line), 0u);
}

TEST(Allocations, AreNoneALogLineOutsideAnyScopeButForItsRoot) {
  Capture capture;
  for (int i = 0; i < few; ++i) log_line();
  capture.spans();

  EXPECT_EQ(allocations_of(log_line), 0u);
}

}  // namespace
}  // namespace langfuse::internal

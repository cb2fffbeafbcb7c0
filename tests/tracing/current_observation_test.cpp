#include "langfuse/tracing/current_observation.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

TEST(CurrentObservation, SetsWhatAHandleSets) {
  Capture capture;
  {
    auto call = observe("call", ObservationType::span);
    auto current = current_observation();
    EXPECT_TRUE(current);
    current.set_type(ObservationType::generation).set_name("renamed").set_input("in");
    current.set_metadata("k", 1).set_level(Level::warning).set_status_message("slow");
    current.set_version("2").set_model("m").set_model_parameter("t", 0.5).set_usage("input", 3);
    current.set_cost("total", 0.25).set_prompt("greeting", 4).on_token("out");
    current.set_completion_start_time(1'767'323'045'678'000'000).set_trace_as_public();
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "renamed");
  EXPECT_EQ(attributes_text(span), R"(  langfuse.observation.type = "generation"
  langfuse.observation.level = "WARNING"
  langfuse.observation.status_message = "slow"
  langfuse.version = "2"
  langfuse.internal.is_app_root = true
  langfuse.observation.model.parameters = "{\"t\":0.5}"
  langfuse.observation.usage_details = "{\"input\":3}"
  langfuse.observation.cost_details = "{\"total\":0.25}"
  langfuse.trace.public = true
  langfuse.observation.input = "in"
  langfuse.observation.metadata.k = 1
  langfuse.observation.model.name = "m"
  langfuse.observation.completion_start_time = "2026-01-02T03:04:05.678Z"
  langfuse.observation.output = "out"
  langfuse.observation.prompt.name = "greeting"
  langfuse.observation.prompt.version = 4
  status 0 ""
)");
  EXPECT_EQ(capture.client().stats().ignored_updates, 0u);
}

TEST(CurrentObservation, IsLeftOpen) {
  Capture capture;
  auto outer = observe("outer");
  current_observation().set_output("first");
  EXPECT_EQ(capture.spans().size(), 0u);
  outer.set_output("second");
  outer.end();

  EXPECT_EQ(capture.only_span().text("langfuse.observation.output"), "second");
}

TEST(CurrentObservation, RecordsTheExceptionThatIsHandled) {
  Capture capture;
  {
    auto step = observe("step");
    try {
      throw std::runtime_error("broken");
    } catch (const std::runtime_error&) {
      current_observation().record_exception();
    }
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.status_message"),
            "std::runtime_error: broken");
}

TEST(CurrentObservation, IsNoneWhereNothingIsOpen) {
  Capture capture;
  auto current = current_observation();

  EXPECT_FALSE(current);
  current.set_output("lost").set_level(Level::error);
  EXPECT_EQ(capture.client().stats().ignored_updates, 2u);
}

TEST(CurrentObservation, IsNoneOnceItHasEndedThoughItsStateIsUsedAgain) {
  Capture capture;
  auto first = observe("first");
  auto current = current_observation();
  first.end();
  auto second = observe("probably the same state");

  EXPECT_FALSE(current);
  current.set_output("lost");
  second.end();

  EXPECT_EQ(capture.client().stats().ignored_updates, 1u);
  for (const DecodedSpan& span : capture.spans()) {
    EXPECT_EQ(span.attribute("langfuse.observation.output"), "<absent>");
  }
}

TEST(CurrentObservation, IsNoneInAContextOfAnotherThreadOrProcess) {
  Capture capture;
  Context elsewhere;
  elsewhere.span.trace_id = create_trace_id();
  elsewhere.span.span_id = create_observation_id("elsewhere");
  auto outer = observe("outer");
  const ContextScope scope(elsewhere);

  EXPECT_TRUE(current_context().is_valid());
  EXPECT_FALSE(current_observation());
}

TEST(CurrentObservation, IsFoundBelowScopesThatOnlyAddToItsContext) {
  Capture capture;
  auto outer = observe("outer");
  const ContextScope scope(outer.context());
  auto inner = observe("inner");
  inner.end();
  current_observation().set_output("found");
  outer.end();

  EXPECT_EQ(capture.spans().back().text("langfuse.observation.output"), "found");
}

TEST(CurrentObservation, IsFoundThroughAContextThatLeadsBackToIt) {
  Capture capture;
  auto outer = observe("outer");
  {
    auto inner = observe("inner");
    const ContextScope away{Context()};
    EXPECT_FALSE(current_observation());
    const ContextScope back(outer.context());
    current_observation().set_output("of outer");
  }
  outer.end();

  const std::vector<DecodedSpan> spans = capture.spans();
  EXPECT_EQ(spans[0].attribute("langfuse.observation.output"), "<absent>");
  EXPECT_EQ(spans[1].text("langfuse.observation.output"), "of outer");
}

TEST(CurrentObservation, IsNoneOnAnotherThread) {
  Capture capture;
  auto outer = observe("outer");

  std::thread([] { EXPECT_FALSE(current_observation()); }).join();
}

TEST(CurrentObservation, IsNeverADetachedOne) {
  Capture capture;
  auto detached = start_observation("detached");

  EXPECT_FALSE(current_observation());
}

TEST(CurrentObservation, ThatIsNotThereIsNotCountedWhenNothingIsConfigured) {
  Client::forget();
  auto observation = observe("nothing");
  current_observation().set_output("lost");

  Capture capture;
  EXPECT_EQ(capture.client().stats().ignored_updates, 0u);
}

TEST(CurrentIds, AreThoseOfTheCurrentContext) {
  Capture capture;
  EXPECT_FALSE(current_trace_id().is_valid());
  EXPECT_FALSE(current_observation_id().is_valid());

  auto outer = observe("outer");
  EXPECT_EQ(current_trace_id(), outer.trace_id());
  EXPECT_EQ(current_observation_id(), outer.id());
}

// What belongs to a client that is no longer in force (that of a forked child's parent is such a
// one) is sent by nobody here: nothing may be put into it.
TEST(CurrentObservation, IsNotOneOfAnotherClient) {
  Capture parent;
  auto open = observe("open");
  Client::forget();
  Capture capture;
  {
    LineOptions options;
    options.into_observations = true;
    LineGate gate(options);
    PropagatedAttributes attributes;
    attributes.set_user_id("u");
    const auto scope = propagate_attributes(attributes);
    LogLine line;
    line.message = "m";

    EXPECT_FALSE(current_observation());
    EXPECT_TRUE(gate.submit(line));
    const auto child = observe("child");
  }
  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].name, "log.info");
  for (const DecodedSpan& span : spans) {
    EXPECT_EQ(span.parent_span_id, std::string(open.id().hex()));
    EXPECT_EQ(span.text("user.id"), "u");
  }
  EXPECT_EQ(open.context().propagated.get(), nullptr);
}

}  // namespace
}  // namespace langfuse::internal

#include "langfuse/tracing/context_stack.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

SpanId current_id() {
  return current_context().span.span_id;
}

template <class F>
void on_other_thread(F f) {
  std::thread(std::move(f)).join();
}

TEST(ContextStack, BeginsWhereItWasMade) {
  Capture capture;
  auto outer = observe("outer");
  ContextStack stack;
  outer.end();

  stack.enter();
  auto inner = observe("inner");
  stack.leave();

  EXPECT_FALSE(current_context().is_valid());
  inner.end();
  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[1].parent_span_id, spans[0].span_id);
}

TEST(ContextStack, TakesWhatIsOpenToTheThreadThatEntersIt) {
  Capture capture;
  ContextStack stack;
  stack.enter();
  auto step = observe("step");
  const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
  stack.leave();
  EXPECT_FALSE(current_context().is_valid());

  on_other_thread([&] {
    auto around = observe("around");
    stack.enter();
    EXPECT_EQ(current_id(), step.id());
    auto inner = observe("inner");
    stack.leave();
    EXPECT_EQ(current_id(), around.id());
    stack.enter();
    EXPECT_EQ(current_id(), inner.id());
    inner.end();
    stack.leave();
  });

  stack.enter();
  EXPECT_EQ(current_id(), step.id());
  stack.leave();
}

TEST(ContextStack, MayBeEnteredInAnother) {
  Capture capture;
  ContextStack outer_stack;
  ContextStack inner_stack;
  outer_stack.enter();
  auto outer = observe("outer");
  inner_stack.enter();
  auto inner = observe("inner");

  EXPECT_EQ(current_id(), inner.id());
  EXPECT_NE(inner.trace_id(), outer.trace_id());  // it was made outside of it
  inner_stack.leave();
  EXPECT_EQ(current_id(), outer.id());
  outer_stack.leave();
  EXPECT_FALSE(current_context().is_valid());
}

TEST(ContextStack, IsLeftWhenItIsDestroyed) {
  Capture capture;
  auto outer = observe("outer");
  {
    ContextStack stack{Context()};
    stack.enter();
    EXPECT_FALSE(current_context().is_valid());
    auto step = observe("step");
  }

  EXPECT_EQ(current_id(), outer.id());
}

TEST(ContextStack, BeginsAnewWhenItIsLeftOnAnotherThread) {
  Capture capture;
  auto base = observe("base");
  auto stack = std::make_unique<ContextStack>();
  on_other_thread([&stack] {
    stack->enter();
    auto step = observe("step");
    on_other_thread([&stack] {
      stack->leave();
      stack->enter();
      EXPECT_TRUE(current_context().is_valid());
      stack->leave();
      EXPECT_FALSE(current_context().is_valid());
    });
    EXPECT_FALSE(current_context().is_valid());  // what it stood in is gone
    stack->enter();
    auto late = observe("late");
    stack->leave();
  });
  stack.reset();

  EXPECT_EQ(current_id(), base.id());
}

TEST(ContextStack, HoldsManyObservationsThatAreOpen) {
  Capture capture;
  ContextStack stack;
  stack.enter();
  std::vector<Observation> open;
  for (int i = 0; i < 100; ++i) open.push_back(observe("open"));
  stack.leave();

  on_other_thread([&] {
    stack.enter();
    while (!open.empty()) {
      EXPECT_EQ(current_id(), open.back().id());
      open.pop_back();
    }
    stack.leave();
  });

  EXPECT_EQ(capture.spans().size(), 100u);
}

}  // namespace
}  // namespace langfuse::internal

#include "langfuse/tracing/context.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

TEST(CurrentContext, IsInvalidOutsideAnyObservation) {
  Capture capture;

  EXPECT_FALSE(current_context().is_valid());
}

TEST(CurrentContext, IsThatOfTheNewestObservationStillOpen) {
  Capture capture;
  auto first = observe("first");
  auto second = observe("second");
  auto third = observe("third");

  second.end();
  EXPECT_EQ(current_context().span.span_id, third.id());
  third.end();
  EXPECT_EQ(current_context().span.span_id, first.id());
  first.end();
  EXPECT_FALSE(current_context().is_valid());
}

TEST(CurrentContext, FollowsTheObservationAndNotItsHandle) {
  Capture capture;
  std::vector<Observation> kept;
  {
    auto observation = observe("moved out");
    kept.push_back(std::move(observation));
  }

  EXPECT_EQ(current_context().span.span_id, kept.front().id());
  kept.clear();
  EXPECT_FALSE(current_context().is_valid());
}

TEST(CurrentContext, SurvivesManyObservationsThatEndOutOfOrder) {
  Capture capture;
  std::vector<Observation> open;
  for (int i = 0; i < 1000; ++i) {
    open.push_back(observe("open"));
    if (i % 2 == 1) open[static_cast<std::size_t>(i) - 1].end();
  }

  for (int i = 999; i > 0; i -= 2) {
    EXPECT_EQ(current_context().span.span_id, open[static_cast<std::size_t>(i)].id());
    open[static_cast<std::size_t>(i)].end();
  }
  EXPECT_FALSE(current_context().is_valid());
  EXPECT_EQ(capture.spans().size(), 1000u);
}

// The oldest stays open while thousands come and go above it and beside it.
TEST(CurrentContext, FindsTheOldestAgain) {
  Capture capture;
  auto oldest = observe("oldest");
  std::vector<Observation> ring(20);
  for (std::size_t i = 0; i < 5000; ++i) ring[i % ring.size()] = observe("passing");
  ring.clear();

  EXPECT_EQ(current_context().span.span_id, oldest.id());
}

TEST(ContextScope, IsCurrentUntilItEnds) {
  Capture capture;
  Context context;
  context.span.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  context.span.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  auto outer = observe("outer");
  {
    const ContextScope scope(context);
    EXPECT_EQ(current_context().span, context.span);
    auto child = observe("child");
    EXPECT_EQ(child.trace_id(), context.span.trace_id);
  }

  EXPECT_EQ(current_context().span.span_id, outer.id());
}

TEST(ContextScope, KeepsItsFlags) {
  Capture capture;
  Context context;
  context.span.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  context.span.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  context.is_remote = true;
  context.is_sampled = false;
  {
    const ContextScope scope(context);
    EXPECT_TRUE(current_context().is_remote);
    EXPECT_FALSE(current_context().is_sampled);
    auto child = observe("not sent");
  }
  context.is_sampled = true;
  {
    const ContextScope scope(context);
    auto child = observe("sent");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "sent");
  EXPECT_EQ(span.parent_span_id, "a1b2c3d4e5f60718");
  EXPECT_EQ(span.attribute("langfuse.internal.is_app_root"), "true");
}

TEST(ContextScope, OfAnInvalidContextMakesRoots) {
  Capture capture;
  auto outer = observe("outer");
  {
    const ContextScope scope{Context()};
    EXPECT_FALSE(current_context().is_valid());
    auto root = observe("root");
    EXPECT_NE(root.trace_id(), outer.trace_id());
  }

  EXPECT_EQ(current_context().span.span_id, outer.id());
}

TEST(ContextScope, LeavesAnObservationThatOutlivesItTheCurrentOne) {
  Capture capture;
  std::vector<Observation> kept;
  auto outer = observe("outer");
  {
    const ContextScope scope{Context()};
    kept.push_back(observe("kept"));
  }
  EXPECT_EQ(current_context().span.span_id, kept.front().id());

  kept.clear();
  EXPECT_EQ(current_context().span.span_id, outer.id());
}

TEST(ContextScope, NestsDeeply) {
  Capture capture;
  Context contexts[3];
  for (int i = 0; i < 3; ++i) {
    contexts[i].span.trace_id.bytes[0] = static_cast<unsigned char>(i + 1);
    contexts[i].span.span_id.bytes[0] = static_cast<unsigned char>(i + 1);
  }
  std::vector<std::unique_ptr<ContextScope>> scopes;
  for (int i = 0; i < 300; ++i) scopes.push_back(std::make_unique<ContextScope>(contexts[i % 3]));

  for (int i = 299; i >= 0; --i) {
    EXPECT_EQ(current_context().span, contexts[i % 3].span);
    scopes.pop_back();
  }
  EXPECT_FALSE(current_context().is_valid());
}

}  // namespace
}  // namespace langfuse::internal

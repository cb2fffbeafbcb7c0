// Which observations a `PropagationScope` reaches: the current one where this thread opened it,
// whatever scopes lie on top of it, and what is opened inside.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/tracing/context_stack.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "tests/support/capture.h"
#include "tests/support/propagated.h"
#include "tracing/context/propagated_block.h"

namespace langfuse::internal {
namespace {

// One attribute each, all of `fill` together.
const std::vector<std::function<void(PropagatedAttributes&)>> single_attributes = {
    [](PropagatedAttributes& one) { one.set_user_id("u-7"); },
    [](PropagatedAttributes& one) { one.set_session_id("match-42"); },
    [](PropagatedAttributes& one) { one.set_trace_name("turn"); },
    [](PropagatedAttributes& one) { one.add_tag("npc"); },
    [](PropagatedAttributes& one) { one.add_tag("prod"); },
    [](PropagatedAttributes& one) { one.set_metadata("region", "eu"); },
    [](PropagatedAttributes& one) { one.set_version("1.4"); },
    [](PropagatedAttributes& one) { one.set_environment("staging"); },
    [](PropagatedAttributes& one) { one.set_prompt("greeting", 3); }};

// What may lie between two scopes and changes nothing about what is current.
using Between = std::function<void(const std::function<void()>& rest)>;
const std::vector<std::pair<const char*, Between>> betweens = {
    {"nothing", [](const std::function<void()>& rest) { rest(); }},
    {"the current context",
     [](const std::function<void()>& rest) {
       const ContextScope scope(current_context());
       rest();
     }},
    {"a bound callable",
     [](const std::function<void()>& rest) { bind_context([&rest] { rest(); })(); }},
    {"a detour",
     [](const std::function<void()>& rest) {
       const Context here = current_context();
       const ContextScope away{Context()};
       const ContextScope back(here);
       rest();
     }},
    {"an observation that has ended", [](const std::function<void()>& rest) {
       pass_through("between");
       rest();
     }}};

void propagate_one_by_one(std::size_t from, const Between& between,
                          const std::function<void()>& inside) {
  if (from == single_attributes.size()) return inside();
  PropagatedAttributes attributes;
  single_attributes[from](attributes);
  const auto scope = propagate_attributes(attributes);
  between([&] { propagate_one_by_one(from + 1, between, inside); });
}

// Several `propagate_attributes` in a row below one observation all reach it.
TEST(PropagationScope, ReachesTheCurrentObservationThroughAllScopesOnTopOfIt) {
  Capture capture;
  for (const auto& [name, between] : betweens) {
    SCOPED_TRACE(name);
    {
      auto root = observe("root", ObservationType::generation);
      propagate_one_by_one(0, between, [] { pass_through("inside"); });
      pass_through("after");
    }

    std::string root_text, inside_text, after_text = "not sent";
    for (const DecodedSpan& span : capture.spans()) {
      if (span.name == "root") root_text = trace_text(span);
      if (span.name == "inside") inside_text = trace_text(span);
      if (span.name == "after") after_text = trace_text(span);
    }
    EXPECT_EQ(root_text, filled_with_prompt);
    EXPECT_EQ(inside_text, filled);
    EXPECT_EQ(after_text, "");
  }
}

TEST(PropagationScope, LeavesWhatEarlierOnesGaveTheObservation) {
  Capture capture;
  {
    auto root = observe("root");
    {
      const auto scope = propagate_attributes(
          PropagatedAttributes().set_user_id("u-1").add_tag("a").set_metadata("x", "1"));
      pass_through("first");
    }
    {
      const auto scope = propagate_attributes(
          PropagatedAttributes().set_session_id("s").add_tag("b").set_metadata("y", "2"));
      pass_through("second");
    }
  }

  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{
                {"root",
                 "langfuse.trace.metadata.x = \"1\"\nlangfuse.trace.metadata.y = \"2\"\n"
                 "langfuse.trace.tags = [\"a\", \"b\"]\nsession.id = \"s\"\nuser.id = \"u-1\"\n"},
                {"first",
                 "langfuse.trace.metadata.x = \"1\"\nlangfuse.trace.tags = [\"a\"]\n"
                 "user.id = \"u-1\"\n"},
                {"second",
                 "langfuse.trace.metadata.y = \"2\"\nlangfuse.trace.tags = [\"b\"]\n"
                 "session.id = \"s\"\n"}}));
}

TEST(PropagationScope, ReachesWhicheverObservationOfThisThreadAContextScopeMakesCurrent) {
  Capture capture;
  {
    auto outer = observe("outer");
    auto inner = observe("inner");
    const auto of_inner = propagate_attributes(PropagatedAttributes().set_user_id("u"));
    const ContextScope scope(outer.context());
    const auto of_outer = propagate_attributes(PropagatedAttributes().set_session_id("s"));
    pass_through("child of outer");
  }

  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{
                {"outer", "session.id = \"s\"\n"},
                {"inner", "user.id = \"u\"\n"},
                {"child of outer", "session.id = \"s\"\nuser.id = \"u\"\n"}}));
}

TEST(PropagationScope, TouchesNoObservationOfAnotherThreadNorADetachedOne) {
  Capture capture;
  {
    auto root = observe("root");
    auto detached = start_observation("detached", ObservationOptions().set_root());
    std::thread(bind_context([&] {
      const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u"));
      pass_through("elsewhere");
      const ContextScope in(detached.context());
      const auto again = propagate_attributes(PropagatedAttributes().set_user_id("u"));
      pass_through("below detached");
    })).join();
  }

  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{{"root", ""},
                                                {"detached", ""},
                                                {"elsewhere", "user.id = \"u\"\n"},
                                                {"below detached", "user.id = \"u\"\n"}}));
}

TEST(PropagationScope, ReachesAnObservationInItsStackWhicheverThreadStandsInThat) {
  Capture capture;
  {
    ContextStack stack;
    stack.enter();
    auto step = observe("step");
    {
      const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u"));
      stack.leave();
      std::thread([&] {
        stack.enter();
        const auto second = propagate_attributes(PropagatedAttributes().add_tag("late"));
        pass_through("child");
        stack.leave();
      }).join();
      stack.enter();
    }
    step.end();
    stack.leave();
  }

  const std::string both = "langfuse.trace.tags = [\"late\"]\nuser.id = \"u\"\n";
  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{{"step", both}, {"child", both}}));
}

// Scopes also reach what the current observation is named by elsewhere.
TEST(PropagationScope, ReachesBaggageAndContextOfTheCurrentObservation) {
  Capture capture;
  auto root = observe("root");
  const auto first = propagate_attributes(PropagatedAttributes().set_user_id("u").set_as_baggage());
  const auto second =
      propagate_attributes(PropagatedAttributes().set_session_id("s").set_as_baggage());

  EXPECT_EQ(baggage(root.context()), baggage(current_context()));
  EXPECT_EQ(baggage(root.context()), "langfuse_trace_id=" + std::string(root.trace_id().hex()) +
                                         ",langfuse_user_id=u,langfuse_session_id=s");
}

// A block goes with the last that refers to it.
TEST(PropagationScope, LeavesNoBlockBehind) {
  Capture capture;
  Context kept, kept_inside;
  {
    auto root = observe("root");
    const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u"));
    kept = current_context();
    const auto inner = propagate_attributes(PropagatedAttributes().add_tag("t"));
    kept_inside = current_context();
    auto child = observe("child");
    auto named = observe("named", ObservationType::span, kept);
    auto detached = start_observation("detached", ObservationOptions().set_root());
    auto of_ids = start_observation("of ids", ObservationOptions().set_parent(root.context().span));
    const ContextScope context(kept);
    bind_context([] { pass_through("bound"); })();
  }
  EXPECT_FALSE(current_context().is_valid());  // ended frames have come to light

  EXPECT_EQ(kept.propagated.get()->references.load(), 1u);
  EXPECT_EQ(kept_inside.propagated.get()->references.load(), 1u);
}

// What a long-lived observation gathers does not grow without end.
TEST(PropagationScope, GivesALongLivedObservationTheNewestOfVeryMany) {
  Capture capture;
  {
    auto root = observe("root");
    for (int i = 0; i < 5000; ++i) {
      const auto scope =
          propagate_attributes(PropagatedAttributes().add_tag("tag-" + std::to_string(i)));
    }
  }

  const std::string tags = capture.only_span().attribute("langfuse.trace.tags");
  EXPECT_NE(tags.find("\"tag-4999\""), std::string::npos);
  EXPECT_LT(std::count(tags.begin(), tags.end(), ','), 200);
}

}  // namespace
}  // namespace langfuse::internal

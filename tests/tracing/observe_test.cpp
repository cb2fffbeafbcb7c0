#include "langfuse/tracing/observe.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/clock.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

std::string name_of_function() {
  auto observation = observe();
  return "";
}

template <class T>
void name_of_template(T) {
  auto observation = observe(ObservationType::tool);
}

struct Example {
  Example() { auto observation = observe(); }
  ~Example() { auto observation = observe(); }
  void method() const { auto observation = observe(); }
  void operator()() const { auto observation = observe(); }
  bool operator<(int) const {
    auto observation = observe();
    return true;
  }
  explicit operator bool() const {
    auto observation = observe();
    return true;
  }
};

std::vector<std::string> names(Capture& capture) {
  std::vector<std::string> result;
  for (const DecodedSpan& span : capture.spans()) result.push_back(span.name);
  return result;
}

TEST(Observe, SendsOneCompleteSpanAtTheEndOfTheScope) {
  Capture capture;
  const std::int64_t before = wall_now_ns();
  SpanId id;
  {
    auto observation = observe("work");
    id = observation.id();
    EXPECT_EQ(capture.spans().size(), 0u);
  }
  const std::int64_t after = wall_now_ns();

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "work");
  EXPECT_EQ(span.span_id, id.hex().c_str());
  EXPECT_EQ(span.parent_span_id, "");
  EXPECT_EQ(span.kind, 1);
  EXPECT_GE(span.start_unix_nano, static_cast<std::uint64_t>(before));
  EXPECT_GE(span.end_unix_nano, span.start_unix_nano);
  EXPECT_LE(span.end_unix_nano, static_cast<std::uint64_t>(after) + 1'000'000'000);
  EXPECT_EQ(attributes_text(span),
            "  langfuse.observation.type = \"span\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 0 \"\"\n");
}

TEST(Observe, WritesEveryFieldInOneFixedOrder) {
  Settings settings = capture_settings();
  settings.environment = "staging";
  settings.release = "2026.08.1";
  Capture capture(settings);
  {
    auto call = observe("chat", ObservationType::generation);
    call.set_input("question").set_output("answer").set_metadata("host", "node-07");
    call.set_metadata("a.b", 7).set_metadata("ratio", 0.5).set_metadata("ok", false);
    call.set_model("qwen3-8b").set_model_parameter("temperature", 0.25);
    call.set_model_parameter("max_tokens", 256).set_model_parameter("stop", "\"\n");
    call.set_model_parameter("stream", true);
    call.set_usage("input", 812).set_usage("output", 24).set_cost("total", 0.00069);
    call.set_version("flow-3").set_level(Level::warning).set_status_message("slow");
  }

  EXPECT_EQ(attributes_text(capture.only_span()),
            R"(  langfuse.observation.type = "generation"
  langfuse.observation.level = "WARNING"
  langfuse.observation.status_message = "slow"
  langfuse.version = "flow-3"
  langfuse.internal.is_app_root = true
  langfuse.observation.model.parameters = "{\"temperature\":0.25,\"max_tokens\":256,\"stop\":\"\\\"\\n\",\"stream\":true}"
  langfuse.observation.usage_details = "{\"input\":812,\"output\":24}"
  langfuse.observation.cost_details = "{\"total\":0.00069}"
  langfuse.environment = "staging"
  langfuse.release = "2026.08.1"
  langfuse.observation.input = "question"
  langfuse.observation.output = "answer"
  langfuse.observation.metadata.host = "node-07"
  langfuse.observation.metadata.a.b = 7
  langfuse.observation.metadata.ratio = 0.5 (double)
  langfuse.observation.metadata.ok = false
  langfuse.observation.model.name = "qwen3-8b"
  status 0 ""
)");
}

TEST(Observe, KnowsEveryTypeAndLevel) {
  Capture capture;
  for (int type = 0; type <= static_cast<int>(ObservationType::guardrail); ++type) {
    auto observation = observe("type", static_cast<ObservationType>(type));
  }
  for (int level = 0; level <= static_cast<int>(Level::error); ++level) {
    auto observation = observe("level");
    observation.set_level(static_cast<Level>(level));
  }

  std::string text;
  for (const DecodedSpan& span : capture.spans()) {
    text += span.text(span.name == "type" ? "langfuse.observation.type"
                                          : "langfuse.observation.level") +
            " ";
  }
  EXPECT_EQ(text,
            "span generation event embedding agent tool chain retriever evaluator guardrail "
            "DEBUG DEFAULT WARNING ERROR ");
}

TEST(Observe, MakesChildrenOfTheCurrentObservation) {
  Capture capture;
  {
    auto root = observe("root");
    { auto first = observe("first"); }
    auto second = observe("second");
    auto inner = observe("inner");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 4u);
  const DecodedSpan& first = spans[0];
  const DecodedSpan& inner = spans[1];
  const DecodedSpan& second = spans[2];
  const DecodedSpan& root = spans[3];
  EXPECT_EQ(first.parent_span_id, root.span_id);
  EXPECT_EQ(second.parent_span_id, root.span_id);
  EXPECT_EQ(inner.parent_span_id, second.span_id);
  for (const DecodedSpan& span : spans) EXPECT_EQ(span.trace_id, root.trace_id);
  EXPECT_EQ(root.attribute("langfuse.internal.is_app_root"), "true");
  EXPECT_EQ(inner.attribute("langfuse.internal.is_app_root"), "<absent>");
}

TEST(Observe, IsNamedAfterItsFunction) {
  Capture capture;

  name_of_function();
  name_of_template(std::vector<int>());
  {
    const Example example;
    example.method();
    static_cast<void>(example < 1);
  }

  EXPECT_EQ(names(capture),
            (std::vector<std::string>{"name_of_function", "name_of_template", "Example", "method",
                                      "operator<", "~Example"}));
}

TEST(Observe, IsNamedAfterItsPlaceWhereTheFunctionHasNoName) {
  Capture capture;
  const int line = __LINE__ + 1;
  [] { auto observation = observe(); }();
  [](auto) { auto observation = observe(); }(1);

  EXPECT_EQ(names(capture),
            (std::vector<std::string>{"observe_test.cpp:" + std::to_string(line),
                                      "observe_test.cpp:" + std::to_string(line + 1)}));
}

TEST(Observe, IsNamedAfterItsPlaceOutsideAnyFunction) {
  Capture capture;

  auto global = observe(ObservationType::span, "__static_initialization_and_destruction_0",
                        "/a/b/file.cpp", 12);
  global.end();
  auto without_anything = observe(ObservationType::span, nullptr, nullptr, 3);
  without_anything.end();
  auto generic = observe(ObservationType::span, "operator()<int>", "C:\\dir\\file.cpp", 4);
  generic.end();
  auto shift = observe(ObservationType::span, "operator<<", "file.cpp", 5);
  shift.end();

  EXPECT_EQ(names(capture),
            (std::vector<std::string>{"file.cpp:12", ":3", "file.cpp:4", "operator<<"}));
}

TEST(Observe, NamesWhatHasNoName) {
  Capture capture;
  { auto observation = observe(""); }
  {
    auto observation = observe("renamed");
    observation.set_name("");
  }

  EXPECT_EQ(names(capture), (std::vector<std::string>{"unnamed", "unnamed"}));
}

TEST(Observe, GoesBelowAParentOfAnotherProcessAsAnAppRoot) {
  Capture capture;
  SpanContext parent;
  parent.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  parent.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  {
    auto local = observe("not the parent");
    auto observation = observe("below", ObservationType::tool, parent);
    auto child = observe("child");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[1].trace_id, "7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  EXPECT_EQ(spans[1].parent_span_id, "a1b2c3d4e5f60718");
  EXPECT_EQ(spans[1].text("langfuse.observation.type"), "tool");
  EXPECT_EQ(spans[1].attribute("langfuse.internal.is_app_root"), "true");
  EXPECT_EQ(spans[0].parent_span_id, spans[1].span_id);
  EXPECT_EQ(spans[0].attribute("langfuse.internal.is_app_root"), "<absent>");
}

TEST(Observe, GoesBelowALocalContextAsAChild) {
  Capture capture;
  Context parent;
  {
    auto observation = observe("parent");
    parent = observation.context();
  }
  { auto observation = observe("child", ObservationType::span, parent); }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[1].parent_span_id, spans[0].span_id);
  EXPECT_EQ(spans[1].trace_id, spans[0].trace_id);
  EXPECT_EQ(spans[1].attribute("langfuse.internal.is_app_root"), "<absent>");
}

TEST(Observe, BelowAnInvalidParentIsARoot) {
  Capture capture;
  {
    auto outer = observe("outer");
    auto observation = observe("root", ObservationType::span, SpanContext());
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_span_id, "");
  EXPECT_NE(spans[0].trace_id, spans[1].trace_id);
}

TEST(Observe, OfTypeEventHasNoDuration) {
  Capture capture;
  { auto observation = observe("event", ObservationType::event); }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.start_unix_nano, span.end_unix_nano);
}

TEST(Observation, EndsOnceHoweverOftenItIsTold) {
  Capture capture;
  {
    auto observation = observe("once");
    observation.end();
    observation.end();
    observation.set_input("too late");
    EXPECT_FALSE(observation.id().is_valid());
    EXPECT_FALSE(observation.trace_id().is_valid());
    EXPECT_FALSE(observation.context().is_valid());
  }

  EXPECT_EQ(capture.only_span().attribute("langfuse.observation.input"), "<absent>");
}

TEST(Observation, IgnoresEveryCallAfterItWasMovedFrom) {
  Capture capture;
  {
    auto first = observe("moved");
    auto second = std::move(first);
    first.set_input("lost").set_output(1).set_metadata("k", true).set_name("lost");
    first.set_type(ObservationType::tool).set_level(Level::error).set_status_message("lost");
    first.set_version("lost").set_model("lost").set_model_parameter("k", 1);
    first.set_usage("input", 1).set_cost("total", 1.0).set_prompt("lost", 1).on_token("lost");
    first.set_completion_start_time(1).set_trace_as_public().record_exception();
    first.record_exception(std::runtime_error("lost"));
    first.end(1);
    first.end();
    EXPECT_EQ(current_context().span.span_id, second.id());
  }

  EXPECT_EQ(attributes_text(capture.only_span()),
            "  langfuse.observation.type = \"span\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 0 \"\"\n");
}

TEST(Observation, EndsWhatItHeldWhenAnotherIsMovedIn) {
  Capture capture;

  auto observation = observe("first");
  observation = observe("second");
  EXPECT_EQ(names(capture), std::vector<std::string>{"first"});
  observation.end();
  EXPECT_EQ(names(capture), std::vector<std::string>{"second"});
}

TEST(Observation, LivesInContainersAndOptionals) {
  Capture capture;
  {
    std::vector<Observation> all;
    for (int i = 0; i < 20; ++i) all.push_back(observe("element"));
    std::optional<Observation> maybe = observe("optional");
    maybe.reset();
  }

  EXPECT_EQ(capture.spans().size(), 21u);
}

TEST(Observation, BecomesAnErrorWhenAnExceptionUnwindsThroughItsScope) {
  Capture capture;
  try {
    auto outer = observe("outer");
    outer.set_status_message("my own words");
    auto inner = observe("inner");
    throw std::runtime_error("broken");
  } catch (const std::runtime_error&) {
    // While an exception is handled, scopes may come and go without being part of it.
    auto handler = observe("handler");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].text("langfuse.observation.level"), "ERROR");
  EXPECT_EQ(spans[0].text("langfuse.observation.status_message"), "ended by an exception");
  const std::vector<std::pair<int, std::string>> expected = {{2, "ended by an exception"}};
  EXPECT_EQ(spans[0].statuses, expected);
  EXPECT_EQ(spans[1].text("langfuse.observation.level"), "ERROR");
  EXPECT_EQ(spans[1].text("langfuse.observation.status_message"), "my own words");
  EXPECT_EQ(spans[2].text("langfuse.observation.level"), "DEFAULT");
}

struct ObservesInDestructor {
  ~ObservesInDestructor() { auto observation = observe("in a destructor"); }
};

TEST(Observation, OfADestructorDuringUnwindingIsNoError) {
  Capture capture;
  try {
    const ObservesInDestructor local;
    throw std::runtime_error("broken");
  } catch (const std::runtime_error&) {
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.level"), "DEFAULT");
}

TEST(Observation, IsCountedAsOpenUntilItEnds) {
  Capture capture;
  const std::uint64_t before = open_observations();

  auto observation = observe("open");
  EXPECT_EQ(open_observations(), before + 1);
  observation.end();

  EXPECT_EQ(open_observations(), before);
}

TEST(Observation, OfATraceOutOfTheSampleIsCountedAndNotSent) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  Capture capture(settings);
  {
    auto root = observe("root");
    root.set_input("unseen").set_model_parameter("k", 1);
    EXPECT_TRUE(root.id().is_valid());
    EXPECT_FALSE(root.context().is_sampled);
    EXPECT_FALSE(current_context().is_sampled);
    auto child = observe("child");
    EXPECT_EQ(child.trace_id(), root.trace_id());
    EXPECT_FALSE(child.context().is_sampled);
  }

  EXPECT_EQ(capture.spans().size(), 0u);
  EXPECT_EQ(capture.client().stats().sampled_out, 2u);
  EXPECT_EQ(capture.client().stats().submitted, 0u);
}

TEST(Observation, BelowARemoteParentFollowsTheTraceIdAndBelowALocalOneTheContext) {
  Settings settings = capture_settings();
  settings.sample_rate = 0.9797;
  Capture capture(settings);
  Context parent;
  // The vector of the Python SDK: kept from a rate of 0.97971 on.
  parent.span.trace_id = TraceId::from_hex("173d0ddbff034193face7ce60d3f58b4");
  parent.span.span_id = SpanId::from_hex("173d0ddbff034193");

  auto local = observe("local", ObservationType::span, parent);
  EXPECT_TRUE(local.context().is_sampled);
  parent.is_remote = true;
  auto remote = observe("remote", ObservationType::span, parent);
  EXPECT_FALSE(remote.context().is_sampled);
  const ContextScope scope(parent);
  auto implicit = observe("implicit");
  EXPECT_FALSE(implicit.context().is_sampled);
}

TEST(Observation, ThatIsTooLargeIsDroppedAndCounted) {
  Settings settings = capture_settings();
  settings.record_max_bytes = 2000;
  Capture capture(settings);
  {
    auto observation = observe("large");
    for (int i = 0; i < 10; ++i) {
      observation.set_metadata(std::to_string(i), std::string(300, 'x'));
    }
  }

  EXPECT_EQ(capture.spans().size(), 0u);
  EXPECT_EQ(capture.client().stats().dropped[DropReason::too_large], 1u);
  EXPECT_EQ(capture.client().stats().submitted, 1u);
}

TEST(Observation, AfterShutdownIsCountedThere) {
  Capture capture;
  auto observation = observe("late");
  capture.client().shutdown(std::chrono::steady_clock::now() + std::chrono::seconds(60));

  observation.end();

  EXPECT_EQ(capture.client().stats().dropped[DropReason::after_shutdown], 1u);
}

}  // namespace
}  // namespace langfuse::internal

#include "langfuse/tracing/propagation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/start_observation.h"
#include "model/diagnostics.h"
#include "tests/support/capture.h"
#include "tests/support/environment.h"
#include "tests/support/propagated.h"

namespace langfuse::internal {
namespace {

constexpr const char* example_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(PropagateAttributes, ReachesEveryObservationAndLineInside) {
  Capture capture;
  {
    PropagatedAttributes attributes;
    const auto scope = propagate_attributes(fill(attributes));
    auto root = observe("root", ObservationType::agent);
    auto child = observe("child", ObservationType::generation);
    submit(LogLine());
  }
  pass_through("after");

  EXPECT_EQ(
      by_name(capture.spans()),
      (std::map<std::string, std::string>{
          {"root", filled}, {"child", filled_with_prompt}, {"log.info", filled}, {"after", ""}}));
}

TEST(PropagateAttributes, AlsoAppliesToTheObservationThatIsCurrent) {
  Capture capture;
  {
    auto outer = observe("outer");
    auto root = observe("root");
    {
      const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
      pass_through("inside");
    }
    pass_through("after");
  }

  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{{"outer", ""},
                                                {"root", "user.id = \"u-7\"\n"},
                                                {"inside", "user.id = \"u-7\"\n"},
                                                {"after", ""}}));
}

TEST(PropagateAttributes, AddsTagsAndMetadataAndReplacesTheRestWhenNested) {
  Capture capture;
  {
    PropagatedAttributes attributes;
    const auto outer = propagate_attributes(fill(attributes));
    {
      const auto inner = propagate_attributes(PropagatedAttributes()
                                                  .set_user_id("u-8")
                                                  .add_tag("npc")
                                                  .add_tag("late")
                                                  .set_metadata("region", "us")
                                                  .set_metadata("shard", "9")
                                                  .set_version("2"));
      pass_through("inner");
    }
    pass_through("outer");
  }

  EXPECT_EQ(by_name(capture.spans()), (std::map<std::string, std::string>{
                                          {"inner",
                                           "langfuse.environment = \"staging\"\n"
                                           "langfuse.trace.metadata.region = \"us\"\n"
                                           "langfuse.trace.metadata.shard = \"9\"\n"
                                           "langfuse.trace.name = \"turn\"\n"
                                           "langfuse.trace.tags = [\"prod\", \"npc\", \"late\"]\n"
                                           "langfuse.version = \"2\"\n"
                                           "session.id = \"match-42\"\n"
                                           "user.id = \"u-8\"\n"},
                                          {"outer", filled}}));
}

TEST(PublicTrace, IsPublicInEverythingThatFollows) {
  Capture capture;
  {
    auto root = observe("root");
    const auto inside = propagate_attributes(PropagatedAttributes().set_user_id("u"));
    root.set_trace_as_public().set_trace_as_public();
    pass_through("child");
    submit(LogLine());
    std::thread(bind_context([] { pass_through("on another thread"); })).join();
    const auto deeper = propagate_attributes(PropagatedAttributes().set_session_id("s"));
    auto detached = start_observation("detached", ObservationOptions().set_parent(root.context()));
  }
  pass_through("another trace");

  // Records of several threads come in any order.
  std::map<std::string, std::string> spans;
  for (const DecodedSpan& span : capture.spans()) {
    spans[span.name] = span.attribute("langfuse.trace.public") + " " + span.attribute("user.id");
  }
  const std::string is_public = "true \"u\"";
  EXPECT_EQ(spans, (std::map<std::string, std::string>{{"another trace", "<absent> <absent>"},
                                                       {"child", is_public},
                                                       {"detached", is_public},
                                                       {"log.info", is_public},
                                                       {"on another thread", is_public},
                                                       {"root", is_public}}));
}

TEST(PropagateAttributes, YieldsToWhatAnObservationSaysItself) {
  Settings settings = capture_settings();
  settings.environment = "production";
  Capture capture(settings);
  {
    PropagatedAttributes attributes;
    const auto scope = propagate_attributes(
        attributes.set_version("1.4").set_environment("staging").set_user_id("u"));
    auto own = observe("own");
    own.set_version("7");
  }
  pass_through("after");

  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{
                {"own",
                 "langfuse.environment = \"staging\"\nlangfuse.version = \"7\"\nuser.id = \"u\"\n"},
                {"after", "langfuse.environment = \"production\"\n"}}));
}

TEST(PropagateAttributes, NamesTheTraceOfALineOutsideAnyObservation) {
  Capture capture;
  {
    const auto scope =
        propagate_attributes(PropagatedAttributes().set_trace_name("turn").set_user_id("u"));
    submit(LogLine());
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(trace_text(spans[1]), "langfuse.trace.name = \"turn\"\nuser.id = \"u\"\n");
}

TEST(PropagateAttributes, GoesWithTheContextToOtherThreads) {
  Capture capture;
  std::thread elsewhere;
  {
    const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    auto root = observe("root");
    elsewhere = std::thread(bind_context([] { pass_through("elsewhere"); }));
    std::thread([] { pass_through("unbound"); }).join();
  }
  elsewhere.join();

  EXPECT_EQ(
      by_name(capture.spans()),
      (std::map<std::string, std::string>{
          {"root", "user.id = \"u-7\"\n"}, {"elsewhere", "user.id = \"u-7\"\n"}, {"unbound", ""}}));
}

TEST(PropagateAttributes, OutlivesItsScopeInWhatIsStillOpen) {
  Capture capture;
  Observation kept;
  Context context;
  {
    const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u-7"));
    kept = observe("kept");
    context = current_context();
  }
  pass_through("child");
  kept.end();
  { const auto later = observe("later", ObservationType::span, context); }

  EXPECT_EQ(by_name(capture.spans()),
            (std::map<std::string, std::string>{{"kept", "user.id = \"u-7\"\n"},
                                                {"child", "user.id = \"u-7\"\n"},
                                                {"later", "user.id = \"u-7\"\n"}}));
}

// Threads end the observations of others while those begin children of them.
TEST(PropagateAttributes, IsSharedByThreadsThatEndEachOthersObservations) {
  Capture capture;
  constexpr int rounds = 500;
  std::atomic<int> turn{0};
  Observation handed;
  std::thread other([&] {
    for (int i = 0; i < rounds; ++i) {
      while (turn.load(std::memory_order_acquire) != 2 * i + 1) std::this_thread::yield();
      handed.end();
      turn.store(2 * i + 2, std::memory_order_release);
    }
  });
  for (int i = 0; i < rounds; ++i) {
    const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u"));
    handed = observe("handed");
    turn.store(2 * i + 1, std::memory_order_release);
    pass_through("child");
    while (turn.load(std::memory_order_acquire) != 2 * i + 2) std::this_thread::yield();
  }
  other.join();

  int with_user = 0;
  for (const DecodedSpan& span : capture.spans()) with_user += span.count("user.id");
  EXPECT_EQ(with_user, 2 * rounds);
}

TEST(PropagateAttributes, LeavesOutBadValuesByName) {
  Capture capture;
  std::string messages;
  DiagnosticsOptions options;
  options.on_error = [&](const Diagnostic& diagnostic) {
    messages.append(diagnostic.message).append("\n");
  };
  configure_diagnostics(std::move(options));
  {
    std::string umlauts;
    for (int i = 0; i < 200; ++i) umlauts += "\xC3\xA4";
    const auto scope = propagate_attributes(PropagatedAttributes()
                                                .set_user_id("")
                                                .set_session_id(umlauts)
                                                .set_trace_name(umlauts + "x")
                                                .add_tag("")
                                                .set_metadata("", "value")
                                                .set_metadata("key", std::string(201, 'x'))
                                                .set_version("v\xFF")
                                                .set_environment("Langfuse Prod!")
                                                .set_prompt("greeting", 0)
                                                .set_prompt("", 1));
    configure_diagnostics({});
    auto root = observe("root", ObservationType::generation);
    submit(LogLine());
  }

  for (const char* const field :
       {"user_id is empty", "trace_name is longer", "tag is empty", "metadata key is empty",
        "metadata is longer", "environment is", "prompt version is", "prompt name is empty"}) {
    EXPECT_NE(messages.find(std::string("propagate_attributes: ") + field), std::string::npos)
        << field;
  }
  EXPECT_EQ(std::count(messages.begin(), messages.end(), '\n'), 8);
  const std::map<std::string, std::string> spans = by_name(capture.spans());
  EXPECT_EQ(spans.size(), 2u);
  const std::string kept = "langfuse.version = \"v\xEF\xBF\xBD\"\nsession.id = \"";
  EXPECT_EQ(spans.at("root").substr(0, kept.size()), kept);
  EXPECT_EQ(spans.at("root").find("user.id"), std::string::npos);
  EXPECT_EQ(spans.at("root").find("langfuse.trace"), std::string::npos);
  EXPECT_EQ(spans.at("root").find("prompt"), std::string::npos);
  EXPECT_EQ(spans.at("root"), spans.at("log.info"));
}

TEST(PropagateAttributes, DoesNothingWhenNothingIsConfigured) {
  Client::forget();
  PropagatedAttributes attributes;

  const auto scope = propagate_attributes(fill(attributes));

  EXPECT_FALSE(current_context().is_valid());
  EXPECT_EQ(current_context().propagated.get(), nullptr);
}

TEST(Headers, AreEmptyForAnInvalidContext) {
  EXPECT_STREQ(traceparent(Context()).c_str(), "");
  EXPECT_EQ(baggage(Context()), "");
}

TEST(Headers, CarryIdsAndWhatIsPropagatedAsBaggage) {
  Capture capture;
  PropagatedAttributes secret;
  const auto outer = propagate_attributes(
      secret.set_user_id("not for others").add_tag("not this").set_metadata("nor", "this"));
  PropagatedAttributes attributes;
  const auto inner = propagate_attributes(fill(attributes).set_as_baggage());
  auto root = observe("root");

  const std::string trace_id(root.trace_id().hex());
  EXPECT_EQ(traceparent(root.context()).c_str(),
            "00-" + trace_id + "-" + std::string(root.id().hex()) + "-01");
  EXPECT_EQ(baggage(root.context()),
            "langfuse_trace_id=" + trace_id +
                ",langfuse_user_id=u-7,langfuse_session_id=match-42,langfuse_trace_name=turn,"
                "langfuse_metadata_region=eu,langfuse_version=1.4,langfuse_environment=staging,"
                "langfuse_prompt_name=greeting,langfuse_prompt_version=3,"
                "langfuse_tags=npc%2Cprod");
}

TEST(Headers, LeaveOutWhatFindsNoRoom) {
  Capture capture;
  PropagatedAttributes attributes;
  for (int i = 0; i < 100; ++i) {
    attributes.set_metadata("key" + std::to_string(i), std::string(150, 'x'));
  }
  const auto scope = propagate_attributes(attributes.set_as_baggage());
  auto root = observe("root");

  const std::string header = baggage(root.context());

  EXPECT_LE(header.size(), 8192u);
  EXPECT_GT(header.size(), 8000u);
  EXPECT_EQ(header.back(), 'x');
}

TEST(RemoteContext, ContinuesATraceWithItsAttributes) {
  Capture capture;
  std::string trace_id;
  std::string parent;
  std::string header;
  {
    PropagatedAttributes attributes;
    const auto scope = propagate_attributes(fill(attributes).set_as_baggage());
    auto root = observe("root");
    trace_id = root.trace_id().hex();
    parent = traceparent(root.context()).c_str();
    header = baggage(root.context());
  }
  static_cast<void>(capture.spans());
  {
    const ContextScope in(remote_context(parent, header));
    pass_through("served", ObservationType::generation);
  }

  const DecodedSpan served = capture.only_span();
  EXPECT_EQ(served.trace_id, trace_id);
  EXPECT_EQ(served.parent_span_id, parent.substr(36, 16));
  EXPECT_EQ(trace_text(served), filled_with_prompt);
  EXPECT_EQ(served.count("langfuse.internal.is_app_root"), 0);
}

TEST(RemoteContext, MarksTheFirstObservationUnlessAnotherProcessShowsIt) {
  Capture capture;
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::pair<std::string, int> cases[] = {
      {"", 1},
      {"other=1", 1},
      {"langfuse_trace_id=" + trace_id, 0},
      {"langfuse_trace_id=4bf92f3577b34da6a3ce929d0e0e4737", 1}};
  for (const auto& [header, marks] : cases) {
    const ContextScope in(remote_context(example_parent, header));
    auto first = observe("first");
    pass_through("second");
    first.end();

    const std::vector<DecodedSpan> spans = capture.spans();
    ASSERT_EQ(spans.size(), 2u);
    EXPECT_EQ(spans[0].count("langfuse.internal.is_app_root"), 0) << header;
    EXPECT_EQ(spans[1].count("langfuse.internal.is_app_root"), marks) << header;
  }
}

TEST(RemoteContext, IsInvalidWithoutATraceParentAndKeepsTheAttributes) {
  Capture capture;

  const Context context = remote_context("00-nonsense", "langfuse_user_id=u-9,langfuse_tags=a%2Cb");

  EXPECT_FALSE(context.is_valid());
  const ContextScope in(context);
  pass_through("root");
  const DecodedSpan root = capture.only_span();
  EXPECT_EQ(root.parent_span_id, "");
  EXPECT_EQ(trace_text(root), "langfuse.trace.tags = [\"a\", \"b\"]\nuser.id = \"u-9\"\n");
}

TEST(RemoteContext, TakesNothingBadFromABaggage) {
  Capture capture;

  const Context context = remote_context(
      example_parent, "langfuse_user_id=" + std::string(201, 'u') +
                          ",langfuse_environment=Langfuse%20Prod!,langfuse_prompt_name=p,"
                          "langfuse_prompt_version=99999999999,langfuse_unknown=1,langfuse_tags=,,"
                          "langfuse_session_id=%FF%FE");

  const ContextScope in(context);
  pass_through("first");
  EXPECT_EQ(trace_text(capture.only_span()), "session.id = \"\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
}

class EnvironmentContext : public EnvironmentTest {};

TEST_F(EnvironmentContext, IsThatOfTheParentProcess) {
  Capture capture;
  set("TRACEPARENT", example_parent);
  set("BAGGAGE", "langfuse_user_id=u-7");

  const Context context = environment_context();

  EXPECT_EQ(std::string(context.span.trace_id.hex()), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_TRUE(context.is_remote);
  EXPECT_NE(context.propagated.get(), nullptr);
}

}  // namespace
}  // namespace langfuse::internal

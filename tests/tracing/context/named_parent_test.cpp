// Every way to name the parent of an observation inside `propagate_attributes`, with every
// attribute, in all that is made from the observation: what is propagated reaches them all alike.
#include "tracing/context/named_parent.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/context_stack.h"
#include "langfuse/tracing/llm_handler.h"
#include "langfuse/tracing/score.h"
#include "langfuse/tracing/start_observation.h"
#include "tests/support/fake_client.h"
#include "tests/support/propagated.h"

namespace langfuse::internal {
namespace {

constexpr auto generation = ObservationType::generation;

const SpanContext foreign_span = {TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736"),
                                  SpanId::from_hex("00f067aa0ba902b7")};

ObservationOptions options() {
  return ObservationOptions().set_type(generation);
}

Context foreign_context() {
  return remote_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

// `other`: of an observation that was opened outside of the scope.
using Opener = std::function<Observation(const Context& other)>;
const std::vector<std::pair<const char*, Opener>> ways = {
    {"none", [](const Context&) { return observe("o", generation); }},
    {"observe, a SpanContext",
     [](const Context&) { return observe("o", generation, foreign_span); }},
    {"observe, a SpanContext of this process",
     [](const Context& other) { return observe("o", generation, other.span); }},
    {"observe, an invalid SpanContext",
     [](const Context&) { return observe("o", generation, SpanContext()); }},
    {"observe, a Context", [](const Context& other) { return observe("o", generation, other); }},
    {"observe, the current Context",
     [](const Context&) { return observe("o", generation, current_context()); }},
    {"observe, an empty Context",
     [](const Context&) { return observe("o", generation, Context()); }},
    {"observe, a remote Context",
     [](const Context&) { return observe("o", generation, foreign_context()); }},
    {"observe, set_root", [](const Context&) { return observe("o", options().set_root()); }},
    {"observe, set_trace_id",
     [](const Context&) { return observe("o", options().set_trace_id(create_trace_id("x"))); }},
    {"observe, set_parent of a SpanContext",
     [](const Context&) { return observe("o", options().set_parent(foreign_span)); }},
    {"a scope of a Context",
     [](const Context& other) {
       const ContextScope scope(other);
       return observe("o", generation);
     }},
    {"a scope of the current Context",
     [](const Context&) {
       const ContextScope scope(current_context());
       return observe("o", generation);
     }},
    {"a scope of an empty Context",
     [](const Context&) {
       const ContextScope scope{Context()};
       return observe("o", generation);
     }},
    {"a scope of a remote Context",
     [](const Context&) {
       const ContextScope scope(foreign_context());
       return observe("o", generation);
     }},
    {"a callable that was bound here",
     [](const Context&) { return bind_context([] { return observe("o", generation); })(); }},
    {"a stack that was made here",
     [](const Context&) {
       ContextStack stack;
       stack.enter();
       return observe("o", generation);
     }},
    {"start_observation, none", [](const Context&) { return start_observation("o", options()); }},
    {"set_root", [](const Context&) { return start_observation("o", options().set_root()); }},
    {"set_trace_id",
     [](const Context&) {
       return start_observation("o", options().set_trace_id(create_trace_id("x")));
     }},
    {"set_parent, a SpanContext",
     [](const Context&) { return start_observation("o", options().set_parent(foreign_span)); }},
    {"set_parent, a Context",
     [](const Context& other) { return start_observation("o", options().set_parent(other)); }},
    {"set_parent, an empty Context",
     [](const Context&) { return start_observation("o", options().set_parent(Context())); }},
    {"set_parent, a remote Context", [](const Context&) {
       return start_observation("o", options().set_parent(foreign_context()));
     }}};

// One attribute, as it looks in a generation, in other records, in a score and in a header.
struct Attribute {
  std::function<void(PropagatedAttributes&)> set;
  const char* in_generations;
  const char* in_others;
  const char* in_scores;  // their environment
  const char* in_baggage;
};
const std::vector<Attribute> attributes = {
    {[](PropagatedAttributes& one) { one.set_user_id("u-7"); }, "user.id = \"u-7\"\n",
     "user.id = \"u-7\"\n", "", ",langfuse_user_id=u-7"},
    {[](PropagatedAttributes& one) { one.set_session_id("match-42"); },
     "session.id = \"match-42\"\n", "session.id = \"match-42\"\n", "",
     ",langfuse_session_id=match-42"},
    {[](PropagatedAttributes& one) { one.set_trace_name("turn"); },
     "langfuse.trace.name = \"turn\"\n", "langfuse.trace.name = \"turn\"\n", "",
     ",langfuse_trace_name=turn"},
    {[](PropagatedAttributes& one) { one.add_tag("npc").add_tag("prod"); },
     "langfuse.trace.tags = [\"npc\", \"prod\"]\n", "langfuse.trace.tags = [\"npc\", \"prod\"]\n",
     "", ",langfuse_tags=npc%2Cprod"},
    {[](PropagatedAttributes& one) { one.set_metadata("region", "eu"); },
     "langfuse.trace.metadata.region = \"eu\"\n", "langfuse.trace.metadata.region = \"eu\"\n", "",
     ",langfuse_metadata_region=eu"},
    {[](PropagatedAttributes& one) { one.set_version("1.4"); }, "langfuse.version = \"1.4\"\n",
     "langfuse.version = \"1.4\"\n", "", ",langfuse_version=1.4"},
    {[](PropagatedAttributes& one) { one.set_environment("staging"); },
     "langfuse.environment = \"staging\"\n", "langfuse.environment = \"staging\"\n", "staging",
     ",langfuse_environment=staging"},
    {[](PropagatedAttributes& one) { one.set_prompt("greeting", 3); },
     "langfuse.observation.prompt.name = \"greeting\"\n"
     "langfuse.observation.prompt.version = 3\n",
     "", "", ",langfuse_prompt_name=greeting,langfuse_prompt_version=3"},
    {[](PropagatedAttributes& one) { fill(one); }, filled_with_prompt.c_str(), filled.c_str(),
     "staging",
     ",langfuse_user_id=u-7,langfuse_session_id=match-42,langfuse_trace_name=turn,"
     "langfuse_metadata_region=eu,langfuse_version=1.4,langfuse_environment=staging,"
     "langfuse_prompt_name=greeting,langfuse_prompt_version=3,langfuse_tags=npc%2Cprod"}};

class NamedParentTest : public FakeClientTest {
 protected:
  NamedParentTest() {
    transport_->answer_all(FakeTransport::status(200));
    transport_->answer_all(FakeTransport::status(200), Route::scores);
  }

  // Flushes, and returns what was sent since the last call: of each record its name and what of
  // the trace it carries; of scores, their environment.
  std::map<std::string, std::string> sent() {
    EXPECT_EQ(flush().status, FlushStatus::ok);
    std::map<std::string, std::string> texts;
    const std::vector<FakeTransport::Request> requests = transport_->requests();
    for (; seen_ < requests.size(); ++seen_) {
      const FakeTransport::Request& request = requests[seen_];
      if (request.endpoint == Endpoint::traces) {
        for (const auto& [name, text] : by_name(decode_request(request.body).spans)) {
          EXPECT_TRUE(texts.emplace(name, text).second) << name;
        }
        continue;
      }
      const auto events = nlohmann::json::parse(request.body);
      for (const nlohmann::json& event : events.at("batch")) {
        const nlohmann::json& body = event.at("body");
        texts[body.at("name")] = body.value("environment", "");
      }
    }
    return texts;
  }

 private:
  std::size_t seen_ = 0;
};

// Makes one of each below and of the observation.
void use(Observation& opened) {
  opened.score("score", 1);
  const ContextScope in(opened.context());
  pass_through("child");
  pass_through("child generation", generation);
  score_current_trace("score of the trace", 1);
  submit(LogLine());
}

TEST_F(NamedParentTest, IsNoReasonToLoseWhatIsPropagated) {
  for (const auto& [name, open] : ways) {
    for (const bool has_current : {false, true}) {
      for (const Attribute& attribute : attributes) {
        SCOPED_TRACE(std::string(name) + ", " + attribute.in_baggage);
        auto other = start_observation("other", ObservationOptions().set_root());
        Observation root;
        if (has_current) root = observe("root");
        std::string header, trace_id;
        {
          PropagatedAttributes one;
          attribute.set(one);
          const auto scope = propagate_attributes(one.set_as_baggage());
          auto opened = open(other.context());
          trace_id = opened.trace_id().hex();
          header = baggage(opened.context());
          use(opened);
        }
        other.end();
        root.end();

        std::map<std::string, std::string> expected = {
            {"o", attribute.in_generations},
            {"score", attribute.in_scores},
            {"child", attribute.in_others},
            {"child generation", attribute.in_generations},
            {"score of the trace", attribute.in_scores},
            {"log.info", attribute.in_others},
            {"other", ""}};
        if (has_current) expected["root"] = attribute.in_others;
        EXPECT_EQ(sent(), expected);
        EXPECT_EQ(header, "langfuse_trace_id=" + trace_id + attribute.in_baggage);
      }
    }
  }
}

// The table again, below scopes of which each adds something, with a context between them.
TEST_F(NamedParentTest, SeesAllScopesWhateverTheirOrder) {
  for (const auto& [name, open] : ways) {
    SCOPED_TRACE(name);
    {
      auto other = start_observation("other", ObservationOptions().set_root());
      const auto outer = propagate_attributes(
          PropagatedAttributes().set_user_id("u-1").add_tag("outer").set_metadata("a", "1"));
      auto root = observe("root");
      const ContextScope context(current_context());
      const auto inner = propagate_attributes(PropagatedAttributes()
                                                  .set_user_id("u-2")
                                                  .add_tag("inner")
                                                  .set_metadata("b", "2")
                                                  .set_environment("staging"));
      auto opened = open(other.context());
      use(opened);
    }

    const std::string all =
        "langfuse.environment = \"staging\"\nlangfuse.trace.metadata.a = \"1\"\n"
        "langfuse.trace.metadata.b = \"2\"\nlangfuse.trace.tags = [\"outer\", \"inner\"]\n"
        "user.id = \"u-2\"\n";
    EXPECT_EQ(sent(), (std::map<std::string, std::string>{{"other", ""},
                                                          {"root", all},
                                                          {"o", all},
                                                          {"child", all},
                                                          {"child generation", all},
                                                          {"log.info", all},
                                                          {"score", "staging"},
                                                          {"score of the trace", "staging"}}));
  }
}

// A context that was taken elsewhere keeps what it carries, and gets what it lacks.
TEST_F(NamedParentTest, KeepsWhatItsContextCarries) {
  Context taken;
  std::thread([&taken] {
    const auto scope = propagate_attributes(
        PropagatedAttributes().set_user_id("theirs").add_tag("theirs").set_as_baggage());
    auto request = observe("request");
    taken = request.context();
  }).join();
  std::string header;
  {
    const auto scope = propagate_attributes(PropagatedAttributes()
                                                .set_user_id("ours")
                                                .set_session_id("s")
                                                .add_tag("ours")
                                                .set_as_baggage());
    auto child = observe("child", ObservationType::span, taken);
    header = baggage(child.context());
    pass_through("grandchild");
  }
  const std::string both =
      "langfuse.trace.tags = [\"ours\", \"theirs\"]\nsession.id = \"s\"\nuser.id = \"theirs\"\n";
  EXPECT_EQ(sent(), (std::map<std::string, std::string>{
                        {"request", "langfuse.trace.tags = [\"theirs\"]\nuser.id = \"theirs\"\n"},
                        {"child", both},
                        {"grandchild", both}}));
  EXPECT_EQ(header, "langfuse_trace_id=" + std::string(taken.span.trace_id.hex()) +
                        ",langfuse_session_id=s,langfuse_user_id=theirs,"
                        "langfuse_tags=ours%2Ctheirs");
}

// A scope that was opened where the parent's attributes hold already is the inner one.
TEST_F(NamedParentTest, YieldsToAScopeInsideOfWhatItCarries) {
  {
    const auto outer = propagate_attributes(PropagatedAttributes().set_user_id("outer"));
    auto detached = start_observation("detached");
    Context taken_inside;
    {
      const auto inner =
          propagate_attributes(PropagatedAttributes().set_user_id("inner").set_session_id("s"));
      auto child = observe("child", ObservationType::span, detached.context());
      taken_inside = child.context();
    }
    auto late = observe("late", ObservationType::span, taken_inside);
  }

  const std::string inner = "session.id = \"s\"\nuser.id = \"inner\"\n";
  EXPECT_EQ(sent(), (std::map<std::string, std::string>{
                        {"detached", "user.id = \"outer\"\n"}, {"child", inner}, {"late", inner}}));
}

// What was bound is complete: nothing of the work that it interrupts gets into it.
TEST_F(NamedParentTest, IsNotWhatABoundContextIs) {
  {
    auto bound = bind_context([] {
      pass_through("bound");
      submit(LogLine());
    });
    ContextStack stack;
    auto request = observe("request");
    const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("ours"));
    bound();
    stack.enter();
    pass_through("in the stack");
    stack.leave();
  }

  std::map<std::string, std::string> texts = sent();
  texts.erase("test");  // the process root
  EXPECT_EQ(texts,
            (std::map<std::string, std::string>{{"request", "user.id = \"ours\"\n"},
                                                {"bound", ""},
                                                {"log.info", "langfuse.trace.name = \"test\"\n"},
                                                {"in the stack", ""}}));
}

// That a trace is public is said of that trace only.
TEST_F(NamedParentTest, TakesNoOtherTraceIntoThePublic) {
  for (const auto& [name, open] : ways) {
    SCOPED_TRACE(name);
    bool is_same_trace = false;
    {
      auto other = start_observation("other", ObservationOptions().set_root());
      auto root = observe("root");
      const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u"));
      root.set_trace_as_public();
      auto opened = open(other.context());
      is_same_trace = opened.trace_id() == root.trace_id();
      const ContextScope in(opened.context());
      pass_through("child");
    }

    const std::string is_public = "langfuse.trace.public = true\nuser.id = \"u\"\n";
    const std::string is_not = "user.id = \"u\"\n";
    const std::string& expected = is_same_trace ? is_public : is_not;
    EXPECT_EQ(sent(),
              (std::map<std::string, std::string>{
                  {"other", ""}, {"root", is_public}, {"o", expected}, {"child", expected}}));
  }
}

TEST_F(NamedParentTest, OfARunIsItsParentRunInThisScope) {
  {
    LlmHandler handler;
    handler.on_chain_start("1", "chain", "in");
    const auto scope = propagate_attributes(PropagatedAttributes().set_user_id("u"));
    handler.on_tool_start("2", "tool", "in", "1");
    handler.on_tool_end("2", "out");
    handler.on_chain_end("1", "out");
  }

  EXPECT_EQ(sent(),
            (std::map<std::string, std::string>{{"chain", ""}, {"tool", "user.id = \"u\"\n"}}));
}

}  // namespace
}  // namespace langfuse::internal

// The scenario of the recording in tests/data/js-sdk, written with our interface: what we send
// differs from what the JavaScript SDK sent where the list below says so and why, and nowhere else.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "langfuse/json.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/score.h"
#include "langfuse/tracing/start_observation.h"
#include "model/version.h"
#include "tests/parity/statements.h"
#include "tests/support/fake_client.h"

namespace langfuse::internal {
namespace {

using Json = nlohmann::json;

// What is different on purpose: on these subjects, this key, from their value to ours.
struct DeliberateDifference {
  const char* reason;
  std::vector<std::string> subjects;
  const char* key;
  const char* theirs;
  const char* ours;
};

std::vector<DeliberateDifference> deliberate_differences() {
  const std::vector<std::string> of_usual_level = {
      "agent",     "calc-tool", "chain",    "embedding", "evaluator",
      "guardrail", "late-root", "llm-call", "retriever", "root-span"};
  return {
      {"who sends", {"resource"}, "telemetry.sdk.language", "nodejs", "cpp"},
      {"who sends", {"resource"}, "telemetry.sdk.name", "opentelemetry", "langfuse-cpp"},
      {"who sends", {"resource"}, "telemetry.sdk.version", "2.12.0", version_text},
      {"who sends", {"scope"}, "(version)", "5.11.1", version_text},
      {"as the Python SDK: whose records these are", {"scope"}, "public_key", "-", "pk-lf-test"},
      {"a server that keeps a table of traces believes the last span",
       {"agent", "calc-tool", "chain", "embedding", "evaluator", "failing-span", "guardrail",
        "llm-call", "retriever", "warn-event"},
       "langfuse.trace.public",
       "-",
       "true"},
      {"the same for all records of a process, for collectors that look there",
       {"resource"},
       "langfuse.environment",
       "-",
       "staging"},
      {"the same", {"resource"}, "langfuse.release", "-", "rel-1.2.3"},
      {"the level is always said; the server takes none for this one", of_usual_level,
       "langfuse.observation.level", "-", "DEFAULT"},
      {"traces have no input of their own any more: it is that of the root",
       {"root-span"},
       "langfuse.trace.input",
       R"({"trace":"in"})",
       "-"},
      {"the same", {"root-span"}, "langfuse.trace.output", "trace out", "-"},
      {"metadata has keys here; a text as the whole of it would be lost beside them",
       {"warn-event"},
       "langfuse.observation.metadata",
       "plain string metadata",
       "-"},
      {"an object is sent by its paths, as the newest SDKs do, so that the server filters by them",
       {"root-span"},
       "langfuse.observation.metadata.nested",
       R"({"a":1,"b":[true,null,2.5]})",
       "-"},
      {"the same", {"root-span"}, "langfuse.observation.metadata.nested.a", "-", "1"},
      {"the same", {"root-span"}, "langfuse.observation.metadata.nested.b", "-", "[true,null,2.5]"},
      {"a time, not a JSON text of a time: the server reads both",
       {"llm-call"},
       "langfuse.observation.completion_start_time",
       R"("2026-01-02T03:04:05.678Z")",
       "2026-01-02T03:04:05.678Z"},
      {"an OpenTelemetry collector knows errors by the status of the span only",
       {"failing-span"},
       "(status)",
       "0",
       "2"},
      {"the same", {"failing-span"}, "(status message)", "-", "boom"},
      {"what a number is, is said and not left to be guessed",
       {"score quality"},
       "dataType",
       "-",
       "NUMERIC"},
      {"a score belongs to the environment in which it is made",
       {"score quality", "score helpful"},
       "environment",
       "-",
       "staging"},
  };
}

Settings scenario_settings() {
  Settings settings = test_settings();
  settings.environment = "staging";
  settings.release = "rel-1.2.3";
  settings.service_name = "rich-scenario";
  return settings;
}

void call_the_model() {
  auto call = observe("llm-call", ObservationType::generation);
  call.set_model("gpt-4o-2024-08-06")
      .set_model_parameter("temperature", 0.7)
      .set_model_parameter("max_tokens", 256)
      .set_model_parameter("stop", "END")
      .set_model_parameter("stream", true)
      .set_input(Json{{{"role", "system"}, {"content", "You are terse."}},
                      {{"role", "user"}, {"content", "2+2?"}}})
      .set_prompt("math-prompt", 3)
      .set_completion_start_time(1'767'323'045'678'000'000)
      .set_output(Json{{"role", "assistant"}, {"content", "4"}})
      .set_usage_details(
          {{"input", 21}, {"output", 1}, {"total", 22}, {"cache_read_input_tokens", 5}})
      .set_cost_details({{"input", 0.0001}, {"output", 0.0002}, {"total", 0.0003}});
  {
    auto tool = observe("calc-tool", ObservationType::tool);
    tool.set_input(Json{{"a", 2}, {"b", 2}}).set_output(4);
  }
  call.score("helpful", true);
}

// One observation of which no more is said than its name and type.
void pass_through(const char* name, ObservationType type) {
  const auto step = observe(name, type);
}

void run_scenario() {
  {
    const auto scope = propagate_attributes(PropagatedAttributes()
                                                .set_user_id("user-1")
                                                .set_session_id("sess-1")
                                                .set_trace_name("rich-trace")
                                                .set_version("v7")
                                                .add_tag("tag-a")
                                                .add_tag("tag-b")
                                                .set_metadata("tenant", "acme")
                                                .set_metadata("tier", "gold"));
    auto root = observe("root-span");
    root.set_input(Json{{"question", "What is 2+2? ünïcödé 😀"}})
        .set_metadata("k1", "v1")
        .set_metadata("nested", Json{{"a", 1}, {"b", {true, nullptr, 2.5}}})
        .set_trace_as_public();
    call_the_model();
    create_event("warn-event", [](Observation& event) {
      event.set_level(Level::warning).set_status_message("careful").set_input("evt-in");
    });
    {
      auto agent = observe("agent", ObservationType::agent);
      agent.set_input("plan");
    }
    {
      auto retriever = observe("retriever", ObservationType::retriever);
      retriever.set_input("query").set_output(Json::array({Json{{"doc", 1}}}));
    }
    pass_through("chain", ObservationType::chain);
    pass_through("evaluator", ObservationType::evaluator);
    pass_through("guardrail", ObservationType::guardrail);
    {
      auto embedding = observe("embedding", ObservationType::embedding);
      embedding.set_model("text-embedding-3-small").set_usage("input", 8);
    }
    {
      auto failing = observe("failing-span");
      failing.set_level(Level::error).set_status_message("boom");
    }
    ScoreDetails details;
    details.comment = "nice";
    details.metadata = R"({"by":"js"})";
    root.score_trace("quality", 0.9, details);
    root.score_trace("category", "good");
    root.set_output("final answer: 4");
  }
  auto late = observe("late-root");
  late.set_input(1);
}

Json recorded(const std::string& name) {
  std::ifstream file(LANGFUSE_TEST_DATA "/js-sdk/" + name);
  return Json::parse(file);
}

Statements both(Statements first, const Statements& second) {
  first.insert(second.begin(), second.end());
  return first;
}

Statements their_statements() {
  const Json body = recorded("otlp-request.json");
  return both(statements_of_export(body),
              statements_of_scores(recorded("score-request.json"), names_in_export(body)));
}

std::vector<std::string> in_words(const std::vector<Difference>& differences) {
  std::vector<std::string> lines;
  for (const Difference& one : differences) {
    lines.push_back(one.subject + ": " + one.key + ": " + one.theirs + " -> " + one.ours);
  }
  return lines;
}

class JsSdkParityTest : public FakeClientTest {
 protected:
  JsSdkParityTest() : FakeClientTest(scenario_settings()) {
    transport_->answer_all(FakeTransport::status(200));
    transport_->answer_all(FakeTransport::status(200), Route::scores);
  }

  Statements our_statements() {
    EXPECT_EQ(flush().status, FlushStatus::ok);
    DecodedBatch spans;
    Json scores;
    for (const FakeTransport::Request& request : transport_->requests()) {
      if (request.endpoint == Endpoint::traces) {
        spans = decode_request(request.body);
      } else {
        scores = Json::parse(request.body);
      }
    }
    EXPECT_EQ(transport_->request_count(), 2u);
    return both(statements_of_export(spans), statements_of_scores(scores, names_in_export(spans)));
  }
};

TEST_F(JsSdkParityTest, WeStateWhatTheJavaScriptSdkStatesButForTheListedDifferences) {
  std::vector<Difference> expected;
  for (const DeliberateDifference& one : deliberate_differences()) {
    for (const std::string& subject : one.subjects) {
      expected.push_back({subject, one.key, one.theirs, one.ours});
    }
  }
  run_scenario();

  const Statements theirs = their_statements();
  const Statements ours = our_statements();

  EXPECT_EQ(theirs.size(), 17u);  // 12 observations, 3 scores, resource and scope
  EXPECT_THAT(in_words(differences(theirs, ours)),
              ::testing::UnorderedElementsAreArray(in_words(expected)));
}

TEST(Statements, ADifferenceIsFoundWhicheverSideHasIt) {
  const Statements theirs = {{"step", {{"same", "1"}, {"other", "a"}, {"gone", "x"}}}};
  const Statements ours = {{"step", {{"same", "1"}, {"other", "b"}}}, {"more", {{"key", "value"}}}};

  EXPECT_THAT(
      in_words(differences(theirs, ours)),
      ::testing::ElementsAre("more: key: - -> value", "step: gone: x -> -", "step: other: a -> b"));
}

}  // namespace
}  // namespace langfuse::internal

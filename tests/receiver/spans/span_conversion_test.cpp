#include "receiver/spans/span_conversion.h"

#include <gtest/gtest.h>

#include "receiver/spans/otlp_json.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::InvalidExport;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::Sender;
using langfuse_test::AttributeList;
using langfuse_test::export_of;
using langfuse_test::span;

constexpr std::int64_t now = 1'790'000'000'000'000'000;

ObservationRow convert_export(const Json& request) {
  return to_observation(langfuse_receiver::decode_otlp_json(request.dump()).at(0), Sender{}, now);
}

ObservationRow convert(const AttributeList& attributes) {
  return convert_export(export_of({span("b7ad6b7169203331", "step", attributes)}));
}

TEST(SpanConversion, TypesAreExactLowerCaseWords) {
  for (const auto& [sent, stored] :
       std::vector<std::pair<const char*, const char*>>{{"span", "SPAN"},
                                                        {"generation", "GENERATION"},
                                                        {"event", "EVENT"},
                                                        {"embedding", "EMBEDDING"},
                                                        {"agent", "AGENT"},
                                                        {"tool", "TOOL"},
                                                        {"chain", "CHAIN"},
                                                        {"retriever", "RETRIEVER"},
                                                        {"evaluator", "EVALUATOR"},
                                                        {"guardrail", "GUARDRAIL"},
                                                        {"GENERATION", "SPAN"},
                                                        {"nonsense", "SPAN"}}) {
    EXPECT_EQ(convert({{"langfuse.observation.type", sent}}).type, stored) << sent;
  }
}

TEST(SpanConversion, WithoutATypeOtherVocabulariesDecide) {
  EXPECT_EQ(convert(AttributeList{}).type, "SPAN");
  EXPECT_EQ(convert({{"openinference.span.kind", "LLM"}}).type, "GENERATION");
  EXPECT_EQ(convert({{"gen_ai.operation.name", "execute_tool"}}).type, "TOOL");
  EXPECT_EQ(convert({{"gen_ai.tool.call.id", "c1"}}).type, "TOOL");
  EXPECT_EQ(convert({{"gen_ai.request.model", "qwen3-8b"}}).type, "GENERATION");
  EXPECT_EQ(convert({{"langfuse.observation.type", "span"},
                     {"langfuse.observation.model.name", "qwen3-8b"}})
                .type,
            "SPAN");
}

TEST(SpanConversion, LevelsAreRecognisedInAnyCase) {
  for (const auto& [sent, stored] :
       std::vector<std::pair<const char*, const char*>>{{"DEBUG", "DEBUG"},
                                                        {" verbose ", "DEBUG"},
                                                        {"Info", "DEFAULT"},
                                                        {"warn", "WARNING"},
                                                        {"CRITICAL", "ERROR"},
                                                        {"loud", "DEFAULT"}}) {
    EXPECT_EQ(convert({{"langfuse.observation.level", sent}}).level, stored) << sent;
  }
}

TEST(SpanConversion, AnErrorStatusIsTheLevelWhereNoneIsGiven) {
  Json failed = span("b7ad6b7169203331", "step");
  failed["status"] = {{"code", 2}, {"message", "boom"}};
  Json failed_with_level = span("b7ad6b7169203331", "step",
                                {{"langfuse.observation.level", "WARNING"},
                                 {"langfuse.observation.status_message", "careful"}});
  failed_with_level["status"] = {{"code", 2}, {"message", "boom"}};
  Json named = span("b7ad6b7169203331", "step");
  named["status"] = {{"code", "STATUS_CODE_ERROR"}};

  EXPECT_EQ(convert_export(export_of({failed})).level, "ERROR");
  EXPECT_EQ(convert_export(export_of({failed})).status_message, "boom");
  EXPECT_EQ(convert_export(export_of({failed_with_level})).level, "WARNING");
  EXPECT_EQ(convert_export(export_of({failed_with_level})).status_message, "careful");
  EXPECT_EQ(convert_export(export_of({named})).level, "DEFAULT");
}

TEST(SpanConversion, TheSpansEnvironmentGoesBeforeTheResources) {
  const AttributeList resource{{"langfuse.environment", "staging"},
                               {"deployment.environment", "production"}};
  const Json own = span("b7ad6b7169203331", "step", {{"langfuse.environment", "demo"}});
  const Json inherited = span("b7ad6b7169203331", "step");

  EXPECT_EQ(convert_export(export_of({own}, resource)).environment, "demo");
  EXPECT_EQ(convert_export(export_of({inherited}, resource)).environment, "staging");
  EXPECT_EQ(convert_export(export_of({inherited})).environment, "default");
}

TEST(SpanConversion, MetadataIsMergedAndFlattened) {
  const ObservationRow row = convert_export(export_of(
      {span("b7ad6b7169203331", "step",
            {{"langfuse.observation.metadata", R"({"a":{"b":1,"c":[1,2]},"k":"blob","n":2.5})"},
             {"langfuse.observation.metadata.k", "own key wins"},
             {"langfuse.observation.metadata.flag", true},
             {"langfuse.observation.metadata.tier", "observation"},
             {"langfuse.trace.metadata.tier", "trace wins"}})},
      {{"service.name", "shop"}}));

  EXPECT_EQ(row.metadata.dump(1), R"({
 "resourceAttributes.service.name": "shop",
 "scope.name": "langfuse-sdk",
 "scope.version": "0.1.0",
 "a.b": "1",
 "a.c": "[1,2]",
 "k": "own key wins",
 "n": "2.5",
 "flag": "true",
 "tier": "trace wins"
})");
}

// One bad key or value in an attribute's JSON costs itself, never its neighbours.
TEST(SpanConversion, JsonInAttributesIsReadAsJavaScriptReadsIt) {
  const std::string bad = "\xEF\xBF\xBD";
  const ObservationRow row = convert(
      {{"langfuse.observation.type", "generation"},
       {"langfuse.observation.usage_details", R"({"input":5,"\ud83e":1,"output":1e999})"},
       {"langfuse.observation.cost_details", R"({"input":0.5,"output":1e999,"x":-1e999})"},
       {"langfuse.observation.model.parameters", R"({"stop":"\udd84","top":1e999,"t":1})"},
       {"langfuse.observation.metadata", R"({"plain":"kept","note":"\ud83e","n":{"big":1e999}})"},
       {"langfuse.trace.tags", R"(["a","\ud83e"])"}});

  EXPECT_EQ(row.usage_details.dump(), R"({"input":5,")" + bad + R"(":1,"total":6})");
  EXPECT_EQ(row.cost_details.dump(), R"({"input":0.5,"total":0.5})");
  EXPECT_EQ(row.model_parameters["stop"], Json(bad));
  EXPECT_EQ(row.model_parameters["t"], Json(1));
  EXPECT_EQ(row.metadata["plain"], Json("kept"));
  EXPECT_EQ(row.metadata["note"], Json(bad));
  EXPECT_EQ(row.metadata["n.big"], Json("null"));
  EXPECT_EQ(row.tags.dump(), R"(["a",")" + bad + R"("])");
}

TEST(SpanConversion, MetadataThatIsNoObjectIsDroppedAndAnArraySpread) {
  for (const char* blob : {"plain text", "42", "\"text\"", "{broken"}) {
    EXPECT_EQ(convert({{"langfuse.observation.metadata", blob}}).metadata.size(), 2U) << blob;
  }
  EXPECT_EQ(convert({{"langfuse.observation.metadata", R"(["x"])"}}).metadata["0"], Json("x"));
}

TEST(SpanConversion, SpansOfOtherLibrariesShowTheirAttributes) {
  const AttributeList attributes{{"http.status", 200}, {"input.value", "hello"}};
  const Json one = span("b7ad6b7169203331", "step", attributes);

  const ObservationRow other = convert_export(export_of({one}, {}, "my-tracer"));
  const ObservationRow own = convert_export(export_of({one}));

  EXPECT_EQ(other.metadata["attributes.http.status"], Json("200"));
  EXPECT_FALSE(other.metadata.contains("attributes.input.value"));
  EXPECT_EQ(other.input, "hello");
  EXPECT_FALSE(own.metadata.contains("attributes.http.status"));
}

TEST(SpanConversion, TraceAttributesAreColumns) {
  const Json tags =
      Json::parse(R"({"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}})");

  const ObservationRow row = convert({{"langfuse.trace.name", "order"},
                                      {"user.id", "u"},
                                      {"session.id", "s"},
                                      {"langfuse.trace.tags", tags},
                                      {"langfuse.trace.public", "true"},
                                      {"langfuse.version", "v7"},
                                      {"langfuse.release", "r1"},
                                      {"langfuse.internal.is_app_root", true}});

  EXPECT_EQ(row.trace_name, "order");
  EXPECT_EQ(row.user_id, "u");
  EXPECT_EQ(row.session_id, "s");
  EXPECT_EQ(row.tags.dump(), R"(["a","b"])");
  EXPECT_TRUE(row.is_public);
  EXPECT_EQ(row.version, "v7");
  EXPECT_EQ(row.release, "r1");
  EXPECT_TRUE(row.is_app_root);
}

TEST(SpanConversion, TagsMayBeJsonTextOrCommaSeparated) {
  EXPECT_EQ(convert({{"langfuse.trace.tags", R"(["a","b c"])"}}).tags.dump(), R"(["a","b c"])");
  EXPECT_EQ(convert({{"langfuse.tags", "a, b c ,"}}).tags.dump(), R"(["a","b c"])");
}

TEST(SpanConversion, ACompletionInTheFirstMillisecondDoesNotStartBeforeItsCall) {
  const auto completion_of = [](const char* time) {
    Json step =
        span("b7ad6b7169203331", "step", {{"langfuse.observation.completion_start_time", time}});
    step["startTimeUnixNano"] = "1786000000650400000";
    return convert_export(export_of({step})).completion_start_unix_nano;
  };

  EXPECT_EQ(completion_of("2026-08-06T07:06:40.650Z"), 1'786'000'000'650'400'000);
  EXPECT_EQ(completion_of("2026-08-06T07:06:40.651Z"), 1'786'000'000'651'000'000);
  EXPECT_EQ(completion_of("2026-08-06T07:06:40.649Z"), 1'786'000'000'649'000'000);
}

TEST(SpanConversion, GenerationFieldsAreRead) {
  const ObservationRow row =
      convert({{"langfuse.observation.type", "generation"},
               {"langfuse.observation.model.name", "qwen3-8b"},
               {"langfuse.observation.model.parameters", R"({"t":0.2,"stop":"END","stream":true})"},
               {"langfuse.observation.completion_start_time", "\"2026-08-06T07:06:40.650Z\""},
               {"langfuse.observation.prompt.name", "reply"},
               {"langfuse.observation.prompt.version", 7},
               {"langfuse.observation.usage_details", R"({"input":10,"output":5})"},
               {"langfuse.observation.cost_details", R"({"input":0.25,"output":0.5})"}});

  EXPECT_EQ(row.model, "qwen3-8b");
  EXPECT_EQ(row.model_parameters.dump(), R"({"t":0.2,"stop":"END","stream":"true"})");
  EXPECT_EQ(row.completion_start_unix_nano, 1'786'000'000'650'000'000);
  EXPECT_EQ(row.prompt_name, "reply");
  EXPECT_EQ(row.prompt_version, 7);
  EXPECT_EQ(row.provided_usage_details.dump(), R"({"input":10,"output":5})");
  EXPECT_EQ(row.usage_details.dump(), R"({"input":10,"output":5,"total":15})");
  EXPECT_EQ(row.cost_details.dump(), R"({"input":0.25,"output":0.5,"total":0.75})");
}

TEST(SpanConversion, APromptIsKeptOnGenerationsOnly) {
  EXPECT_EQ(convert({{"langfuse.observation.type", "embedding"},
                     {"langfuse.observation.prompt.name", "reply"}})
                .prompt_name,
            "");
}

TEST(SpanConversion, MissingTimesAreFilledIn) {
  Json only_end = span("b7ad6b7169203331", "step");
  only_end.erase("startTimeUnixNano");
  Json only_start = span("b7ad6b7169203331", "step");
  only_start.erase("endTimeUnixNano");
  Json none = only_start;
  none.erase("startTimeUnixNano");

  EXPECT_EQ(convert_export(export_of({only_end})).start_unix_nano, 1'786'000'001'000'000'000);
  EXPECT_EQ(convert_export(export_of({only_start})).end_unix_nano, langfuse_test::start_unix_nano);
  EXPECT_EQ(convert_export(export_of({none})).start_unix_nano, now);
}

TEST(SpanConversion, GenAiAttributesFillWhatLangfuseAttributesLeaveOpen) {
  const ObservationRow row = convert({{"gen_ai.operation.name", "chat"},
                                      {"gen_ai.request.model", "asked"},
                                      {"gen_ai.response.model", "answered"},
                                      {"gen_ai.request.temperature", 0.5},
                                      {"gen_ai.usage.input_tokens", 100},
                                      {"gen_ai.usage.cache_read.input_tokens", 40},
                                      {"gen_ai.usage.output_tokens", 7},
                                      {"gen_ai.usage.cost", 0.5},
                                      {"gen_ai.conversation.id", "chat-1"},
                                      {"gen_ai.output.messages", R"([{"role":"assistant"}])"}});

  EXPECT_EQ(row.type, "GENERATION");
  EXPECT_EQ(row.model, "answered");
  EXPECT_EQ(row.model_parameters.dump(), R"({"temperature":0.5})");
  EXPECT_EQ(row.provided_usage_details.dump(),
            R"({"input":60,"input_cached_tokens":40,"output":7})");
  EXPECT_EQ(row.cost_details.dump(), R"({"total":0.5})");
  EXPECT_EQ(row.session_id, "chat-1");
  EXPECT_EQ(row.output, R"([{"role":"assistant"}])");
}

TEST(SpanConversion, NumbersThatADatabaseCannotHoldRefuseTheExport) {
  try {
    convert({{"langfuse.observation.usage_details", R"({"input":1e300})"}});
    FAIL() << "accepted";
  } catch (const InvalidExport& error) {
    EXPECT_STREQ(error.what(),
                 "Invalid OTLP trace export: span b7ad6b7169203331 (\"step\"): usage_details "
                 "\"input\" is too large to be stored");
  }
  EXPECT_THROW(convert({{"langfuse.observation.cost_details", R"({"total":1000000})"}}),
               InvalidExport);
}

}  // namespace

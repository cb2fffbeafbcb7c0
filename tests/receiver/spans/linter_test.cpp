#include "receiver/spans/linter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "receiver/spans/lint_warnings.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "receiver/spans/span_conversion.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::decode_otlp_json;
using langfuse_receiver::decode_otlp_protobuf;
using langfuse_receiver::Json;
using langfuse_receiver::ReceivedSpan;
using langfuse_test::attribute;
using langfuse_test::export_of;
using langfuse_test::span;

constexpr std::int64_t now = 1'790'000'000'000'000'000;

Json warnings_of(const ReceivedSpan& span) {
  return to_observation(span, {}, now).warnings;
}

// A generation that uses every attribute, each as it should be.
Json correct_export() {
  const Json tags = Json::parse(R"({"arrayValue":{"values":[{"stringValue":"beta"}]}})");
  Json generation =
      span("b7ad6b7169203331", "answer",
           {{"langfuse.observation.type", "generation"},
            {"langfuse.observation.level", "WARNING"},
            {"langfuse.observation.status_message", "slow"},
            {"langfuse.observation.input", "{}"},
            {"langfuse.observation.output", ""},
            {"langfuse.observation.metadata", R"({"a":1})"},
            {"langfuse.observation.metadata.host", "node-07"},
            {"langfuse.observation.metadata.count", 9'007'199'254'740'992},
            {"langfuse.observation.model.name", "qwen3-8b"},
            {"langfuse.observation.model.parameters", R"({"temperature":0.2})"},
            {"langfuse.observation.usage_details", R"({"input":10,"output":"5","total":15})"},
            {"langfuse.observation.cost_details", R"({"input":0.1,"output":0.2})"},
            {"langfuse.observation.completion_start_time", "\"2026-08-06T07:06:40.650Z\""},
            {"langfuse.observation.prompt.name", "order"},
            {"langfuse.observation.prompt.version", 7},
            {"langfuse.trace.name", "support"},
            {"user.id", std::string(200, 'u')},
            {"session.id", "chat-9001"},
            {"langfuse.trace.tags", tags},
            {"langfuse.trace.metadata.tenant", "acme"},
            {"langfuse.trace.public", true},
            {"langfuse.internal.is_app_root", true},
            {"langfuse.experiment.item.id", "i"},
            {"langfuse.environment", "staging-1"},
            {"langfuse.version", "flow-3"},
            {"langfuse.release", "2026.08.1"},
            {"http.status", 200}});
  generation["parentSpanId"] = "b7ad6b7169203330";
  generation["status"] = {{"code", 1}};
  generation["events"] = Json::parse(R"([{"name":"gen_ai.choice","attributes":[]}])");
  return export_of({generation}, {{"service.name", "shop"}});
}

TEST(Linter, ACorrectSpanHasNoWarnings) {
  EXPECT_EQ(warnings_of(decode_otlp_json(correct_export().dump()).at(0)), Json::array());
  EXPECT_EQ(
      warnings_of(decode_otlp_json(export_of({span("b7ad6b7169203331", "step")}).dump()).at(0)),
      Json::array());
}

TEST(Linter, ACorrectEventHasNoWarnings) {
  Json event = span("b7ad6b7169203331", "line", {{"langfuse.observation.type", "event"}});
  event["endTimeUnixNano"] = event["startTimeUnixNano"];

  EXPECT_EQ(warnings_of(decode_otlp_json(export_of({event}).dump()).at(0)), Json::array());
}

// Metadata that is plain text, and the deprecated input and output of a trace: the recorded rows of
// the server have none of the three.
TEST(Linter, FindsWhatTheServerLostOfTheJavaScriptSdksRecording) {
  std::ifstream file(LANGFUSE_TEST_DATA "/js-sdk/otlp-request.json");
  const std::string recorded{std::istreambuf_iterator<char>(file), {}};
  Json warnings = Json::array();

  for (const ReceivedSpan& one : decode_otlp_json(recorded)) {
    for (const Json& text : warnings_of(one)) {
      const auto warning = text.get<std::string>();
      warnings.push_back(warning.substr(0, warning.find(' ')));
    }
  }

  EXPECT_EQ(warnings, Json({"langfuse.observation.metadata", "langfuse.trace.input",
                            "langfuse.trace.output"}));
}

struct Fault {
  const char* name;
  const char* pointer;  // into the span
  const char* value;    // JSON put there; null removes
  const char* warning;
};

class LinterRule : public ::testing::TestWithParam<Fault> {};

TEST_P(LinterRule, SaysWhatIsLostWhereAndWhatToSend) {
  const Fault& fault = GetParam();
  Json request = correct_export();
  Json& one = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  if (fault.value == nullptr) {
    one.erase(Json::json_pointer(fault.pointer).back());
  } else {
    one[Json::json_pointer(fault.pointer)] = Json::parse(fault.value);
  }

  const Json warnings = warnings_of(decode_otlp_json(request.dump()).at(0));

  EXPECT_EQ(warnings, Json::array({fault.warning}));
}

#define BEFORE_4 "servers before 4.0 drop the whole observation; "
#define IDS                                                                                        \
  ": every server keeps it as it is, and what names the observation in the usual form, as scores " \
  "and links do, does not find it; "
INSTANTIATE_TEST_SUITE_P(
    OfTheSpan, LinterRule,
    ::testing::Values(
        Fault{"upper_trace_id", "/traceId", R"("0AF7651916CD43DD8448EB211C80319C")",
              "traceId = 0AF7651916CD43DD8448EB211C80319C" IDS
              "send 16 bytes, not all zero, as 32 lower-case hex digits"},
        Fault{"short_span_id", "/spanId", R"("b7ad")",
              "spanId = b7ad" IDS "send 8 bytes, not all zero, as 16 lower-case hex digits"},
        Fault{"zero_span_id", "/spanId", R"("0000000000000000")",
              "spanId = 0000000000000000" IDS
              "send 8 bytes, not all zero, as 16 lower-case hex digits"},
        Fault{"base64_parent", "/parentSpanId", R"("t61rcWkgMzE=")",
              "parentSpanId = t61rcWkgMzE=" IDS "send 8 bytes as 16 lower-case hex digits"},
        Fault{"zero_parent", "/parentSpanId", R"("0000000000000000")",
              "parentSpanId = 0000000000000000: every server takes it for a parent that never "
              "arrives, so that the trace has no root; leave it out for a root"},
        Fault{"no_start", "/startTimeUnixNano", nullptr,
              "startTimeUnixNano = (missing): every server takes the end for it, or else the time "
              "of arrival; send nanoseconds since 1970 as a decimal text"},
        Fault{"no_end", "/endTimeUnixNano", nullptr,
              "endTimeUnixNano = (missing): every server takes the start for it, or else the time "
              "of arrival; send nanoseconds since 1970 as a decimal text"},
        Fault{"zero_end", "/endTimeUnixNano", R"("0")",
              "endTimeUnixNano = 0: before the start: servers from 4.0 on keep it, and the "
              "duration is negative; send the end of the span, not 0 and not a time of another "
              "clock"},
        Fault{"exception_event", "/events", R"([{"name":"exception"}])",
              "events = exception: every server drops span events, exceptions too; send an "
              "observation of the type event, and the status for an error"},
        Fault{"named_status", "/status/code", R"("STATUS_CODE_ERROR")",
              "status.code = \"STATUS_CODE_ERROR\": every server ignores the name of a code; send "
              "the number: 2 for an error"}),
    [](const ::testing::TestParamInfo<Fault>& fault) { return std::string(fault.param.name); });

struct AttributeFault {
  const char* name;
  const char* key;
  const char* value;  // JSON of an OTLP value
  const char* warning;
};

class LinterAttributeRule : public ::testing::TestWithParam<AttributeFault> {};

TEST_P(LinterAttributeRule, SaysWhatIsLostWhereAndWhatToSend) {
  const AttributeFault& fault = GetParam();
  Json request = correct_export();
  Json& attributes = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"];
  Json changed = Json::array();
  for (const Json& entry : attributes) {
    if (entry["key"] != fault.key) {
      changed.push_back(entry);
    }
  }
  changed.push_back(attribute(fault.key, Json::parse(fault.value)));
  attributes = changed;

  const Json warnings = warnings_of(decode_otlp_json(request.dump()).at(0));

  EXPECT_EQ(warnings, Json::array({fault.warning}));
}

#define OBSERVATION "langfuse.observation."
#define NO_METADATA                                                                               \
  ": no JSON object: every server drops text and numbers, and spreads a list by its index; send " \
  "an object as JSON text, or one attribute for each key"
#define NO_OBJECT ": no JSON object, so that every server drops it; "
#define OTLP_TEXT                                                                                  \
  ": every server keeps the OTLP JSON of an empty value, an empty array, a map or bytes as text; " \
  "leave it out if it is empty, else send JSON text"
#define LONG_40 "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"
#define LONG_59 LONG_40 "uuuuuuuuuuuuuuuuuuu"
#define LONG_201 LONG_40 LONG_40 LONG_40 LONG_40 LONG_40 "u"
#define NOT_PROPAGATED                                                                            \
  ": longer than 200 characters, so that Langfuse's SDKs do not propagate it and lists show its " \
  "beginning, on every server; send at most 200 characters"
INSTANTIATE_TEST_SUITE_P(
    OfAnAttribute, LinterAttributeRule,
    ::testing::Values(
        AttributeFault{"level_alias", OBSERVATION "level", R"("info")",
                       OBSERVATION "level = \"info\": " BEFORE_4
                                   "send DEBUG, DEFAULT, WARNING or ERROR"},
        AttributeFault{"unknown_level", OBSERVATION "level", R"("loud")",
                       OBSERVATION "level = \"loud\": " BEFORE_4
                                   "send DEBUG, DEFAULT, WARNING or ERROR"},
        AttributeFault{"text_prompt_version", OBSERVATION "prompt.version", R"("7")",
                       OBSERVATION "prompt.version = \"7\": " BEFORE_4
                                   "send an integer from 1 to 65535"},
        AttributeFault{"empty_prompt_name", OBSERVATION "prompt.name", R"("")",
                       OBSERVATION "prompt.version = 7: " BEFORE_4
                                   "send langfuse.observation.prompt.name too"},
        AttributeFault{"metadata_text", OBSERVATION "metadata", R"("a=1")",
                       OBSERVATION "metadata = \"a=1\"" NO_METADATA},
        AttributeFault{"metadata_array", "langfuse.trace.metadata", R"("[1]")",
                       "langfuse.trace.metadata = \"[1]\"" NO_METADATA},
        AttributeFault{"generic_metadata", "langfuse.metadata", R"("7")",
                       "langfuse.metadata = \"7\"" NO_METADATA},
        AttributeFault{"parameters_text", OBSERVATION "model.parameters", R"("t=1")",
                       OBSERVATION "model.parameters = \"t=1\"" NO_OBJECT
                                   "send an object as JSON text"},
        AttributeFault{"usage_text", OBSERVATION "usage_details", R"("15")",
                       OBSERVATION "usage_details = \"15\"" NO_OBJECT
                                   "send an object as JSON text"},
        AttributeFault{"usage_fraction", OBSERVATION "usage_details", R"("{\"input\":1.5}")",
                       OBSERVATION
                       R"(usage_details = "{\"input\":1.5}": every server drops fractions, )"
                       "negative numbers and what is no number, and rounds what is above 2^53; "
                       "send whole numbers"},
        AttributeFault{"usage_unpriced", OBSERVATION "usage_details", R"("{\"input_tokens\":1}")",
                       OBSERVATION
                       R"(usage_details = "{\"input_tokens\":1}": neither complete in OpenAI's )"
                       "form nor in Langfuse's, so that no server computes a cost of it; send "
                       "input, output and total"},
        AttributeFault{"cost_text", OBSERVATION "cost_details", R"("0.1")",
                       OBSERVATION "cost_details = \"0.1\"" NO_OBJECT
                                   "send an object as JSON text"},
        AttributeFault{"negative_cost", OBSERVATION "cost_details", R"("{\"total\":-1}")",
                       OBSERVATION
                       R"(cost_details = "{\"total\":-1}": servers from 4.0 on store text, )"
                       "negative and infinite numbers as they are or not at all; send numbers of "
                       "US dollars, 0 or more"},
        AttributeFault{"cost_without_total", OBSERVATION "cost_details", R"("{\"cached\":1}")",
                       OBSERVATION
                       R"(cost_details = "{\"cached\":1}": servers from 4.0 on add up input and )"
                       "output only, so that the total is missing; send total too"},
        AttributeFault{"time_without_zone", OBSERVATION "completion_start_time",
                       R"("2026-08-06T07:06:40")",
                       OBSERVATION
                       "completion_start_time = \"2026-08-06T07:06:40\": no time that a server can "
                       "read: the time to first token is lost on every server, and " BEFORE_4
                       "send ISO 8601 with Z or an offset"},
        AttributeFault{"number_version", "langfuse.version", "3",
                       "langfuse.version = 3: servers before 4.0 drop the whole observation and "
                       "its trace; send text"},
        AttributeFault{"number_release", "langfuse.release", "3",
                       "langfuse.release = 3: servers before 4.0 drop the whole observation and "
                       "its trace; send text"},
        AttributeFault{"trace_input", "langfuse.trace.input", R"("q")",
                       "langfuse.trace.input = \"q\": no server from 4.0 on reads it; send "
                       "langfuse.observation.input on the root"},
        AttributeFault{"public_number", "langfuse.trace.public", "1",
                       "langfuse.trace.public = 1: every server takes it for false; send a "
                       "boolean"},
        AttributeFault{"app_root_text", "langfuse.internal.is_app_root", R"("yes")",
                       "langfuse.internal.is_app_root = \"yes\": every server takes it for false; "
                       "send a boolean"},
        AttributeFault{"long_user", "user.id", "\"" LONG_201 "\"",
                       "user.id = \"" LONG_59 "u…\"" NOT_PROPAGATED},
        AttributeFault{"long_session", "session.id", "\"" LONG_201 "\"",
                       "session.id = \"" LONG_59 "u…\"" NOT_PROPAGATED},
        AttributeFault{"long_name", "langfuse.trace.name", "\"" LONG_201 "\"",
                       "langfuse.trace.name = \"" LONG_59 "u…\"" NOT_PROPAGATED},
        AttributeFault{"long_metadata", "langfuse.trace.metadata.m", "\"" LONG_201 "\"",
                       "langfuse.trace.metadata.m = \"" LONG_59 "u…\"" NOT_PROPAGATED},
        AttributeFault{"long_tag", "langfuse.trace.tags",
                       R"({"arrayValue":{"values":[{"stringValue":")" LONG_201 R"("}]}})",
                       "langfuse.trace.tags = [\"" LONG_40 "uuuuuuuuuuuuuuuuuu…" NOT_PROPAGATED},
        AttributeFault{"environment", "langfuse.environment", R"("Prod 1")",
                       "environment = Prod 1: no name that a server keeps, so that servers from "
                       "4.0 on store another one; send at most 40 characters of a-z, 0-9, - and _ "
                       "that do not begin with langfuse"},
        AttributeFault{"empty_array", "langfuse.trace.tags", R"({"arrayValue":{}})",
                       R"(langfuse.trace.tags = "{\"arrayValue\":{}}")" OTLP_TEXT},
        AttributeFault{"empty_value", OBSERVATION "output", "{}",
                       OBSERVATION "output = \"{}\"" OTLP_TEXT},
        AttributeFault{"map_in_array", "k", R"({"arrayValue":{"values":[{"bytesValue":"YQ=="}]}})",
                       R"(k = ["{\"bytesValue\":\"YQ==\"}"])" OTLP_TEXT},
        AttributeFault{"large_integer", "k", "9007199254740993",
                       "k = 9007199254740993: every server rounds integers beyond 2^53; send it "
                       "as text"},
        AttributeFault{"cut_short", OBSERVATION "model", R"("qwen3-8b")",
                       OBSERVATION
                       "model = \"qwen3-8b\": no server reads this key, and its value is lost; "
                       "did you mean langfuse.observation.model.name?"},
        AttributeFault{"invented", OBSERVATION "colour", R"("red")",
                       OBSERVATION
                       "colour = \"red\": no server reads this key, and its value is lost; send "
                       "langfuse.observation.metadata.<name>"},
        AttributeFault{"near_slip", OBSERVATION "modle.name", R"("qwen3-8b")",
                       OBSERVATION
                       "modle.name = \"qwen3-8b\": no server reads this key, and its value is "
                       "lost; did you mean langfuse.observation.model.name?"},
        AttributeFault{"reserved", OBSERVATION "metadata.scope", R"("x")",
                       OBSERVATION
                       "metadata.scope = \"x\": every server writes a key of this name itself and "
                       "keeps one of both; choose another name"}),
    [](const ::testing::TestParamInfo<AttributeFault>& fault) {
      return std::string(fault.param.name);
    });

Json warnings_of_attributes(const langfuse_test::AttributeList& attributes) {
  return warnings_of(
      decode_otlp_json(export_of({span("b7ad6b7169203331", "step", attributes)}).dump()).at(0));
}

TEST(Linter, AnUnknownTypeIsNamed) {
  for (const char* type : {"GENERATION", "Span", "llm", ""}) {
    const Json warnings = warnings_of_attributes({{"langfuse.observation.type", type}});

    ASSERT_EQ(warnings.size(), 1U) << type;
    EXPECT_EQ(warnings[0],
              std::string("langfuse.observation.type = \"") + type +
                  "\": no type that a server knows, so that every server guesses one; send span, "
                  "generation, event, embedding, agent, tool, chain, retriever, evaluator or "
                  "guardrail, in lower case");
  }
}

TEST(Linter, AnEventThatLastsAndAModelOnASpanAreLostOnOldServers) {
  EXPECT_EQ(warnings_of_attributes({{"langfuse.observation.type", "event"}}),
            Json::array({"endTimeUnixNano = 1786000001000000000: servers before 4.0 keep no end of "
                         "an event; send the type span, or the start as the end"}));
  EXPECT_EQ(
      warnings_of_attributes(
          {{"langfuse.observation.type", "span"}, {"langfuse.observation.model.name", "qwen3-8b"}}),
      Json::array({"langfuse.observation.model.name = \"qwen3-8b\": on a span or an event, where "
                   "servers before 4.0 drop model, usage and cost; send the type generation or "
                   "embedding"}));
}

TEST(Linter, APromptBelongsToAGenerationAndHasAVersion) {
  EXPECT_EQ(warnings_of_attributes({{"langfuse.observation.type", "generation"},
                                    {"langfuse.observation.prompt.name", "order"}}),
            Json::array({"langfuse.observation.prompt.name = \"order\": " BEFORE_4
                         "send langfuse.observation.prompt.version too"}));
  EXPECT_EQ(warnings_of_attributes({{"langfuse.observation.type", "embedding"},
                                    {"langfuse.observation.prompt.name", "order"},
                                    {"langfuse.observation.prompt.version", 1}}),
            Json::array({"langfuse.observation.prompt.name = \"order\": servers from 3.211 on link "
                         "prompts to generations only; send the type generation"}));
}

TEST(Linter, ARepeatedKeyIsNamedOnce) {
  EXPECT_EQ(warnings_of_attributes({{"a", 1}, {"b", 1}, {"a", 2}, {"a", 3}}),
            Json::array({"attributes = a: sent more than once: every server keeps the last one; "
                         "send each key once"}));
}

TEST(Linter, WhatBelongsToTheTraceIsOfNoUseOnTheResource) {
  const Json request = export_of({span("b7ad6b7169203331", "step")},
                                 {{"user.id", "u"}, {"langfuse.environment", "dev"}});

  EXPECT_EQ(warnings_of(decode_otlp_json(request.dump()).at(0)),
            Json::array({"resource user.id = \"u\": servers from 4.0 on do not apply it to "
                         "observations; send it on every span"}));
}

TEST(Linter, ProtobufIsWarnedOfTheSame) {
  Json one = span("b7ad", "step", {{"tags", Json::parse(R"({"arrayValue":{}})")}});
  const Json request = export_of({one});

  const Json warnings = warnings_of(decode_otlp_json(request.dump()).at(0));

  EXPECT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings_of(decode_otlp_protobuf(langfuse_test::protobuf_of(request)).at(0)), warnings);
}

TEST(Linter, TheNumberOfWarningsIsBounded) {
  langfuse_test::AttributeList attributes;
  for (int i = 0; i < 50; ++i) {
    attributes.emplace_back("langfuse.x" + std::to_string(i), i);
  }

  const Json warnings = warnings_of_attributes(attributes);

  ASSERT_EQ(warnings.size(), langfuse_receiver::max_warnings + 1);
  EXPECT_EQ(warnings.back(), "and 30 more");
}

}  // namespace

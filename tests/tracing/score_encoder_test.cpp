#include "tracing/score_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "model/score_layout.h"

namespace langfuse::internal {
namespace {

using Json = nlohmann::json;

const char* const span_hex = "b2c3d4e5f6071829";

// A score of a trace, without a problem.
Score sound_score() {
  Score score("quality", 0.5);
  score.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  return score;
}

ScoreFields fields_of(const Score& score) {
  return {score.name,       score.value,         score, score.trace_id, score.observation_id,
          score.session_id, score.dataset_run_id};
}

Json body_of(const Score& score, const Settings& settings = {}) {
  const EncodedRecord encoded = encode_score(fields_of(score), settings);
  if (encoded.record == nullptr) return {};
  return Json::parse(score_body_of(encoded.record->bytes()));
}

struct Typed {
  ScoreValue value;
  ScoreDataType type;
  const char* expected;
};

TEST(ScoreRecord, ValuesAreWrittenAsTheirDataTypeWants) {
  const std::vector<Typed> cases = {
      {0.1, ScoreDataType::implied, R"({"dataType":"NUMERIC","value":0.1})"},
      {-7, ScoreDataType::implied, R"({"dataType":"NUMERIC","value":-7})"},
      {std::uint64_t{1} << 63, ScoreDataType::numeric,
       R"({"dataType":"NUMERIC","value":9223372036854775808})"},
      {true, ScoreDataType::implied, R"({"dataType":"BOOLEAN","value":1})"},
      {false, ScoreDataType::boolean, R"({"dataType":"BOOLEAN","value":0})"},
      {1, ScoreDataType::boolean, R"({"dataType":"BOOLEAN","value":1})"},
      {0.0, ScoreDataType::boolean, R"({"dataType":"BOOLEAN","value":0})"},
      {"good", ScoreDataType::implied, R"({"dataType":"CATEGORICAL","value":"good"})"},
      {std::string("a\"b"), ScoreDataType::categorical,
       R"({"dataType":"CATEGORICAL","value":"a\"b"})"},
      {std::string_view("why"), ScoreDataType::text, R"({"dataType":"TEXT","value":"why"})"},
      {"", ScoreDataType::correction, R"({"dataType":"CORRECTION","value":""})"},
  };
  for (const Typed& typed : cases) {
    Score score = sound_score();
    score.value = typed.value;
    score.data_type = typed.type;
    const Json body = body_of(score);
    const Json expected = Json::parse(typed.expected);
    EXPECT_EQ(body.at("dataType"), expected.at("dataType")) << typed.expected;
    EXPECT_EQ(body.at("value"), expected.at("value")) << typed.expected;
  }
}

struct Bad {
  const char* problem;
  std::function<void(Score&)> spoil;
};

TEST(ScoreRecord, AProblemIsNamedByItsField) {
  const auto of_session = [](Score& score) {
    score.trace_id = {};
    score.session_id = "s";
  };
  const char* const no_trace =
      "trace_id is not set (or was not 32 lower-case hex digits), nor session_id nor "
      "dataset_run_id";
  const char* const not_numeric = "value is not a number, as NUMERIC needs";
  const char* const not_boolean = "value is neither a bool nor 0 or 1, as BOOLEAN needs";
  const char* const not_short = "value has not 1 to 500 characters, as TEXT needs";
  const char* const only_one = "trace_id, session_id and dataset_run_id: only one may be set";
  const char* const bad_environment =
      "environment is not at most 40 lower-case letters, digits, - and _, not beginning with "
      "langfuse";
  const auto typed = [](ScoreValue value, ScoreDataType type) {
    return [value, type](Score& score) {
      score.value = value;
      score.data_type = type;
    };
  };
  const std::vector<Bad> cases = {
      {"name is empty", [](Score& score) { score.name.clear(); }},
      {"value is not a finite number", typed(std::nan(""), ScoreDataType::implied)},
      {"value is not a finite number",
       typed(std::numeric_limits<float>::infinity(), ScoreDataType::numeric)},
      {"value is not a finite number", typed(-HUGE_VAL, ScoreDataType::numeric)},
      {not_numeric, typed(true, ScoreDataType::numeric)},
      {not_numeric, typed("0.5", ScoreDataType::numeric)},
      {not_boolean, typed(2, ScoreDataType::boolean)},
      {not_boolean, typed(std::nan(""), ScoreDataType::boolean)},
      {not_boolean, typed("true", ScoreDataType::boolean)},
      {"value is not a text, as CATEGORICAL needs", typed(1, ScoreDataType::categorical)},
      {"value is not a text, as CATEGORICAL needs", typed(false, ScoreDataType::categorical)},
      {"value is not a text, as TEXT needs", typed(1, ScoreDataType::text)},
      {not_short, typed("", ScoreDataType::text)},
      {not_short, typed(std::string(501, 'x'), ScoreDataType::text)},
      {"value is not a text, as CORRECTION needs", typed(1, ScoreDataType::correction)},
      {"data_type is none of ScoreDataType", typed(1, static_cast<ScoreDataType>(77))},
      {no_trace, [](Score& score) { score.trace_id = {}; }},
      {no_trace, [](Score& score) { score.trace_id = TraceId::from_hex("7D1F"); }},
      {"trace_id is not set (or was not 32 lower-case hex digits), as observation_id needs",
       [](Score& score) {
         score.trace_id = {};
         score.observation_id = SpanId::from_hex(span_hex);
       }},
      {"trace_id is not set (or was not 32 lower-case hex digits), as observation_id needs",
       [&](Score& score) {
         of_session(score);
         score.observation_id = SpanId::from_hex(span_hex);
       }},
      {only_one, [](Score& score) { score.session_id = "s"; }},
      {only_one, [](Score& score) { score.dataset_run_id = "r"; }},
      {"id has a carriage return or over 800 characters",
       [](Score& score) { score.id = std::string(801, 'x'); }},
      {"id has a carriage return or over 800 characters", [](Score& score) { score.id = "a\rb"; }},
      {"config_id has a carriage return or over 800 characters",
       [](Score& score) { score.config_id = std::string(801, 'x'); }},
      {"session_id has a carriage return or over 800 characters",
       [](Score& score) {
         score.trace_id = {};
         score.session_id = "a\r";
       }},
      {"dataset_run_id has a carriage return or over 800 characters",
       [](Score& score) {
         score.trace_id = {};
         score.dataset_run_id = "a\r";
       }},
      {"trace_id is not set, as CORRECTION needs",
       [&](Score& score) {
         of_session(score);
         score.value = "better";
         score.data_type = ScoreDataType::correction;
       }},
      {"config_id is set, which CORRECTION has not",
       [](Score& score) {
         score.value = "better";
         score.data_type = ScoreDataType::correction;
         score.config_id = "c";
       }},
      {bad_environment, [](Score& score) { score.environment = "Production"; }},
      {bad_environment, [](Score& score) { score.environment = "langfuse-dev"; }},
      {bad_environment, [](Score& score) { score.environment = std::string(41, 'x'); }},
      {"timestamp_unix_nano is before 1970", [](Score& score) { score.timestamp_unix_nano = -1; }},
  };
  for (const Bad& bad : cases) {
    Score score = sound_score();
    bad.spoil(score);
    EXPECT_EQ(problem_of(fields_of(score)), bad.problem);
  }
}

TEST(ScoreRecord, WhatIsJustWithinTheLimitsIsTaken) {
  Score score = sound_score();
  score.id = std::string(800, 'i');
  score.environment = std::string(40, 'e');
  score.data_type = ScoreDataType::text;
  std::string value(498, 'v');
  value += "\xF0\x9F\x98\x80";  // two code units
  score.value = value;

  const Json body = body_of(score);

  EXPECT_EQ(body.at("value"), value);
  EXPECT_EQ(body.at("id"), score.id);
  EXPECT_EQ(problem_of(fields_of(score)), "");
}

TEST(ScoreRecord, MetadataIsJsonWhereItIsJsonAndTextWhereItIsNot) {
  for (const auto& [given, expected] :
       std::vector<std::pair<std::string, Json>>{{R"({"by":["test",1]})", {{"by", {"test", 1}}}},
                                                 {"[1]", Json::array({1})},
                                                 {"{\"by\":", "{\"by\":"},
                                                 {"}],\"x\":[{", "}],\"x\":[{"},
                                                 {R"("\ud800")", R"("\ud800")"},
                                                 {"plain \xFF", "plain \xEF\xBF\xBD"}}) {
    Score score = sound_score();
    score.metadata = given;
    EXPECT_EQ(body_of(score).at("metadata"), expected) << given;
  }
}

TEST(ScoreRecord, TextIsRepaired) {
  Score score("na\xFFme", "ca\xFFtegory");
  score.session_id = "se\xFFssion";
  score.comment = "co\xFFmment";

  const Json body = body_of(score);

  EXPECT_EQ(body.at("name"), "na\xEF\xBF\xBDme");
  EXPECT_EQ(body.at("value"), "ca\xEF\xBF\xBDtegory");
  EXPECT_EQ(body.at("sessionId"), "se\xEF\xBF\xBDssion");
  EXPECT_EQ(body.at("comment"), "co\xEF\xBF\xBDmment");
}

TEST(ScoreRecord, KnowsWhatItIsAScoreOfAndWhen) {
  Score score = sound_score();
  score.observation_id = SpanId::from_hex(span_hex);
  score.timestamp_unix_nano = 1'786'000'003'120'999'999;

  const EncodedRecord encoded = encode_score(fields_of(score), {});

  ASSERT_NE(encoded.record, nullptr);
  EXPECT_EQ(encoded.record->kind, RecordKind::score);
  EXPECT_EQ(encoded.record->route(), Route::scores);
  EXPECT_EQ(encoded.record->trace_id, score.trace_id);
  EXPECT_EQ(encoded.record->span_id, score.observation_id);
  EXPECT_EQ(encoded.record->start_unix_nano, score.timestamp_unix_nano);
}

TEST(ScoreRecord, TheEnvironmentIsTheConfiguredOneUnlessTheScoreHasItsOwn) {
  Settings settings;
  settings.environment = "staging";
  Score score = sound_score();
  EXPECT_EQ(body_of(score, settings).at("environment"), "staging");
  EXPECT_FALSE(body_of(score).contains("environment"));

  score.environment = "production";
  EXPECT_EQ(body_of(score, settings).at("environment"), "production");
}

TEST(ScoreRecord, LongTextIsCutAndMarked) {
  Settings settings;
  settings.value_max_bytes = 100;
  const std::string cut = std::string(100, 'x') + "\xE2\x80\xA6[truncated 50 bytes]";
  Score score = sound_score();
  score.value = std::string(150, 'x');
  score.comment = std::string(150, 'x');
  score.metadata = "[" + std::string(98, ' ') + "]";
  const Json body = body_of(score, settings);
  EXPECT_EQ(body.at("value"), cut);
  EXPECT_EQ(body.at("comment"), cut);
  EXPECT_EQ(body.at("metadata"), Json::array());

  score.metadata = "[" + std::string(99, ' ') + "]";
  EXPECT_EQ(body_of(score, settings).at("metadata"),
            "[" + std::string(99, ' ') + "\xE2\x80\xA6[truncated 1 bytes]");
  // Counted in `truncated`, as the cut texts of observations and lines are.
  EXPECT_EQ(encode_score(fields_of(score), settings).cut_texts, 3u);
}

TEST(ScoreRecord, OneThatIsStillTooLargeIsNotMade) {
  Settings settings;
  settings.record_max_bytes = 1'000;
  Score score = sound_score();
  score.id = std::string(800, 'x');

  const EncodedRecord encoded = encode_score(fields_of(score), settings);

  EXPECT_EQ(encoded.record, nullptr);
  EXPECT_EQ(encoded.dropped_as, DropReason::too_large);
}

}  // namespace
}  // namespace langfuse::internal

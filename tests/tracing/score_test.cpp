#include "langfuse/tracing/score.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/score_event.h"
#include "model/utc_time.h"
#include "tests/support/fake_client.h"

namespace langfuse::internal {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A value is a number, a bool or a text; nothing turns into one.
static_assert(!std::is_constructible<ScoreValue, std::nullptr_t>::value);
static_assert(!std::is_constructible<ScoreValue, char>::value);
static_assert(!std::is_constructible<ScoreValue, void*>::value);
static_assert(!std::is_constructible<ScoreValue, int*>::value);
static_assert(!std::is_default_constructible<ScoreValue>::value);
static_assert(std::is_convertible<std::string_view, ScoreValue>::value);
static_assert(noexcept(create_score(std::declval<const Score&>())));

const char* const trace_hex = "7d1f0c52a9be4e0d8a36c1f2b4e5d607";
const char* const span_hex = "b2c3d4e5f6071829";

// A score of a trace, without a problem.
Score sound_score() {
  Score score("quality", 0.5);
  score.trace_id = TraceId::from_hex(trace_hex);
  return score;
}

// `0.5` in `sample_rate` keeps the first of these and not the second.
const char* const sampled_hex = "00000000000000000000000000000001";
const char* const unsampled_hex = "0000000000000001ffffffffffffffff";

class ScoreTest : public FakeClientTest {
 protected:
  explicit ScoreTest(const Settings& settings = test_settings()) : FakeClientTest(settings) {
    transport_->answer_all(FakeTransport::status(200));
    transport_->answer_all(FakeTransport::status(200), Route::scores);
  }

  // Flushes, and returns the events that were sent in one request.
  std::string batch_text() {
    const std::size_t before = transport_->request_count();
    EXPECT_EQ(flush().status, FlushStatus::ok);
    std::string text;
    for (std::size_t i = before; i < transport_->request_count(); ++i) {
      const FakeTransport::Request request = transport_->requests()[i];
      if (request.endpoint == Endpoint::ingestion) text += request.body;
    }
    return text;
  }
  std::vector<Json> sent() {
    const std::string text = batch_text();
    if (text.empty()) return {};
    return Json::parse(text).at("batch").get<std::vector<Json>>();
  }
  // The body of the only score.
  Json only_body() {
    const std::vector<Json> events = sent();
    EXPECT_EQ(events.size(), 1u);
    return events.size() == 1 ? events[0].at("body") : Json();
  }
};

class SampledScoreTest : public ScoreTest {
 protected:
  static Settings settings() {
    Settings settings = test_settings();
    settings.sample_rate = 0.5;
    return settings;
  }
  SampledScoreTest() : ScoreTest(settings()) {}
};

TEST_F(ScoreTest, IsOneEventOfTheIngestionRouteWithEveryFieldInOneOrder) {
  Score score("answer-relevance", 0.92);
  score.id = "e1d2c3b4a5968778";
  score.trace_id = TraceId::from_hex(trace_hex);
  score.observation_id = SpanId::from_hex(span_hex);
  score.comment = "checked by \"unit\" heuristic";
  score.metadata = "{\"checker\": \"rule-17\"}";
  score.config_id = "config-3";
  score.environment = "staging";
  score.timestamp_unix_nano = 1'786'000'003'120'999'999;
  create_score(score);

  std::string text = batch_text();

  constexpr std::size_t id_at = 17;  // behind `{"batch":[{"id":"`
  const std::string id = text.substr(id_at, UuidText::size);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef-"), std::string::npos);
  text.replace(id_at, UuidText::size, "<uuid>");
  EXPECT_EQ(text,
            R"({"batch":[{"id":"<uuid>","type":"score-create",)"
            R"("timestamp":"2026-08-06T07:06:43.120Z","body":{"id":"e1d2c3b4a5968778",)"
            R"("traceId":"7d1f0c52a9be4e0d8a36c1f2b4e5d607","observationId":"b2c3d4e5f6071829",)"
            R"("name":"answer-relevance","value":0.92,"dataType":"NUMERIC",)"
            R"("comment":"checked by \"unit\" heuristic","metadata":{"checker": "rule-17"},)"
            R"("configId":"config-3","environment":"staging"}}],)"
            R"("metadata":{"batch_size":1,"sdk_name":"cpp","sdk_version":"0.1.0",)"
            R"("public_key":"pk-lf-test"}})");
}

TEST_F(ScoreTest, WithoutDetailsHasAnIdOfItsOwnAndTheTimeOfTheCall) {
  const std::string before(utc_time_text(wall_now_ns()));
  create_score(sound_score());
  create_score(sound_score());
  const std::string after(utc_time_text(wall_now_ns()));

  const std::vector<Json> events = sent();

  ASSERT_EQ(events.size(), 2u);
  for (const Json& event : events) {
    const Json& body = event.at("body");
    EXPECT_THAT(body.at("id").get<std::string>(), ::testing::SizeIs(36));
    EXPECT_NE(body.at("id"), event.at("id"));
    EXPECT_GE(event.at("timestamp").get<std::string>(), before);
    EXPECT_LE(event.at("timestamp").get<std::string>(), after);
    EXPECT_EQ(body.size(), 5u) << body;  // and traceId, name, value, dataType
  }
  EXPECT_NE(events[0].at("id"), events[1].at("id"));
  EXPECT_NE(events[0].at("body").at("id"), events[1].at("body").at("id"));
}

struct Typed {
  ScoreValue value;
  ScoreDataType type;
  const char* expected;
};

TEST_F(ScoreTest, ValuesAreWrittenAsTheirDataTypeWants) {
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
    create_score(score);

    const Json body = only_body();
    const Json expected = Json::parse(typed.expected);
    EXPECT_EQ(body.at("dataType"), expected.at("dataType")) << typed.expected;
    EXPECT_EQ(body.at("value"), expected.at("value")) << typed.expected;
  }
}

TEST_F(ScoreTest, TargetsAreATraceAnObservationASessionOrTheRunOfADataSet) {
  Score of_session("resolved", true);
  of_session.session_id = "chat-9001";
  create_score(of_session);
  const Json session = only_body();
  EXPECT_EQ(session.at("sessionId"), "chat-9001");
  EXPECT_FALSE(session.contains("traceId"));

  Score of_run("accuracy", 0.7);
  of_run.dataset_run_id = "run-1";
  create_score(of_run);
  const Json run = only_body();
  EXPECT_EQ(run.at("datasetRunId"), "run-1");
  EXPECT_FALSE(run.contains("traceId"));

  create_score(sound_score());
  const Json trace = only_body();
  EXPECT_EQ(trace.at("traceId"), trace_hex);
  EXPECT_FALSE(trace.contains("observationId"));
}

TEST_F(ScoreTest, AnObservationScoresItselfAndItsTrace) {
  auto outer = observe("outer");
  auto inner = observe("inner");
  ScoreDetails details;
  details.comment = "well";
  inner.score("relevance", 0.9);
  inner.score("tone", "friendly", details);
  inner.score_trace("resolved", true);
  inner.score_trace("grade", 2, details);

  const std::vector<Json> events = sent();

  ASSERT_EQ(events.size(), 4u);
  for (const Json& event : events) {
    EXPECT_EQ(event.at("body").at("traceId"), outer.trace_id().hex().c_str());
  }
  EXPECT_EQ(events[0].at("body").at("observationId"), inner.id().hex().c_str());
  EXPECT_EQ(events[0].at("body").at("value"), 0.9);
  EXPECT_EQ(events[1].at("body").at("observationId"), inner.id().hex().c_str());
  EXPECT_EQ(events[1].at("body").at("comment"), "well");
  EXPECT_FALSE(events[2].at("body").contains("observationId"));
  EXPECT_EQ(events[2].at("body").at("value"), 1);
  EXPECT_EQ(events[3].at("body").at("comment"), "well");
}

TEST_F(ScoreTest, AnObservationThatHasEndedIgnoresScores) {
  auto step = observe("step");
  step.end();

  step.score("quality", 1);
  step.score_trace("quality", 1);

  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(ScoreTest, TheCurrentObservationAndItsTraceAreScoredWithoutAHandle) {
  const auto outer = observe("outer");
  {
    const auto inner = observe("inner");
    score_current_span("a", 1);
  }
  score_current_span("b", 2);
  score_current_trace("c", 3);

  const std::vector<Json> events = sent();

  ASSERT_EQ(events.size(), 3u);
  EXPECT_NE(events[0].at("body").at("observationId"), outer.id().hex().c_str());
  EXPECT_EQ(events[1].at("body").at("observationId"), outer.id().hex().c_str());
  EXPECT_FALSE(events[2].at("body").contains("observationId"));
  EXPECT_EQ(events[2].at("body").at("traceId"), outer.trace_id().hex().c_str());
}

TEST_F(ScoreTest, WithoutACurrentObservationThereIsNothingToScore) {
  score_current_span("a", 1);
  score_current_trace("b", 1);

  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_THAT(said_, ElementsAre("score 'a' is refused: there is no current observation",
                                 "score 'b' is refused: there is no current observation"));
  EXPECT_EQ(stats().dropped[DropReason::invalid], 2u);
  expect_conserved();
}

struct Bad {
  const char* problem;
  std::function<void(Score&)> spoil;
};

TEST_F(ScoreTest, WhatNoServerWouldTakeIsRefusedByFieldAndHurtsNoNeighbour) {
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
    said_.clear();
    const std::uint64_t refused = stats().dropped[DropReason::invalid];

    create_score(sound_score());
    create_score(score);
    create_score(sound_score());

    EXPECT_THAT(said_, ElementsAre("score '" + score.name + "' is refused: " + bad.problem));
    EXPECT_EQ(stats().dropped[DropReason::invalid], refused + 1) << bad.problem;
    EXPECT_EQ(sent().size(), 2u) << bad.problem;
    expect_conserved();
  }
}

TEST_F(ScoreTest, WhatIsJustWithinTheLimitsIsTaken) {
  Score score = sound_score();
  score.id = std::string(800, 'i');
  score.environment = std::string(40, 'e');
  score.data_type = ScoreDataType::text;
  std::string value(498, 'v');
  value += "\xF0\x9F\x98\x80";  // two code units
  score.value = value;
  create_score(score);

  const Json body = only_body();

  EXPECT_EQ(body.at("value"), value);
  EXPECT_EQ(body.at("id"), score.id);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(ScoreTest, MetadataIsJsonWhereItIsJsonAndTextWhereItIsNot) {
  for (const auto& [given, expected] :
       std::vector<std::pair<std::string, Json>>{{R"({"by":["test",1]})", {{"by", {"test", 1}}}},
                                                 {"[1]", Json::array({1})},
                                                 {"{\"by\":", "{\"by\":"},
                                                 {"}],\"x\":[{", "}],\"x\":[{"},
                                                 {R"("\ud800")", R"("\ud800")"},
                                                 {"plain \xFF", "plain \xEF\xBF\xBD"}}) {
    Score score = sound_score();
    score.metadata = given;
    create_score(score);

    EXPECT_EQ(only_body().at("metadata"), expected) << given;
  }
}

TEST_F(ScoreTest, TextIsRepaired) {
  Score score("na\xFFme", "ca\xFFtegory");
  score.session_id = "se\xFFssion";
  score.comment = "co\xFFmment";
  create_score(score);

  const Json body = only_body();

  EXPECT_EQ(body.at("name"), "na\xEF\xBF\xBDme");
  EXPECT_EQ(body.at("value"), "ca\xEF\xBF\xBDtegory");
  EXPECT_EQ(body.at("sessionId"), "se\xEF\xBF\xBDssion");
  EXPECT_EQ(body.at("comment"), "co\xEF\xBF\xBDmment");
}

TEST_F(ScoreTest, ScoresAndSpansShareTheirCountersAndTheFlush) {
  {
    auto step = observe("step");
    step.score("a", 1);
    step.score("", 1);
    step.score_trace("b", 2);
  }

  const FlushResult result = flush();

  EXPECT_EQ(result.delivered, 3u);
  EXPECT_EQ(result.dropped[DropReason::invalid], 1u);
  EXPECT_EQ(stats().submitted, 4u);
  expect_conserved();
}

TEST_F(ScoreTest, CanBeMadeByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 100; ++j) create_score(sound_score());
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(sent().size(), 400u);
}

TEST_F(ScoreTest, WithoutConfigurationNothingHappens) {
  shutdown();
  Client::forget();

  create_score(sound_score());
  create_score(Score("", 1));
  score_current_span("a", 1);
  score_current_trace("a", 1);

  EXPECT_THAT(said_, IsEmpty());
  EXPECT_EQ(transport_->request_count(), 0u);
  start();
}

TEST_F(ScoreTest, AfterShutdownScoresAreCounted) {
  shutdown();

  create_score(sound_score());

  EXPECT_EQ(stats().dropped[DropReason::after_shutdown], 1u);
  expect_conserved();
}

TEST_F(SampledScoreTest, ScoresOfATraceThatIsNotInTheSampleAreNotSent) {
  Score kept("kept", 1);
  kept.trace_id = TraceId::from_hex(sampled_hex);
  Score left_out("left out", 1);
  left_out.trace_id = TraceId::from_hex(unsampled_hex);
  Score of_session("of a session", 1);
  of_session.session_id = "s";
  create_score(kept);
  create_score(left_out);
  create_score(of_session);

  const std::vector<Json> events = sent();

  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("body").at("name"), "kept");
  EXPECT_EQ(events[1].at("body").at("name"), "of a session");
  EXPECT_EQ(stats().sampled_out, 1u);
  EXPECT_EQ(stats().submitted, 2u);
}

TEST_F(SampledScoreTest, ScoresFollowTheSamplingOfTheirObservation) {
  for (const char* const hex : {sampled_hex, unsampled_hex}) {
    Context parent;
    parent.span = {TraceId::from_hex(hex), SpanId::from_hex(span_hex)};
    parent.is_remote = true;
    auto step = observe("step", ObservationType::span, parent);
    step.score("a", 1);
    step.score_trace("b", 1);
    score_current_span("c", 1);
    score_current_trace("d", 1);
    const ContextScope scope(parent);
    score_current_trace("e", 1);
  }

  EXPECT_EQ(sent().size(), 5u);
  EXPECT_EQ(stats().sampled_out, 5u + 1u);  // and the observation
}

Settings limited_settings() {
  Settings settings = test_settings();
  settings.environment = "staging";
  settings.value_max_bytes = 100;
  settings.record_max_bytes = 1'000;
  return settings;
}

class LimitedScoreTest : public ScoreTest {
 protected:
  LimitedScoreTest() : ScoreTest(limited_settings()) {}
};

TEST_F(LimitedScoreTest, TheEnvironmentIsTheConfiguredOneUnlessTheScoreHasItsOwn) {
  create_score(sound_score());
  EXPECT_EQ(only_body().at("environment"), "staging");

  Score score = sound_score();
  score.environment = "production";
  create_score(score);
  EXPECT_EQ(only_body().at("environment"), "production");
}

TEST_F(LimitedScoreTest, LongTextIsCutAndMarked) {
  const std::string cut = std::string(100, 'x') + "\xE2\x80\xA6[truncated 50 bytes]";
  Score score = sound_score();
  score.value = std::string(150, 'x');
  score.comment = std::string(150, 'x');
  score.metadata = "[" + std::string(98, ' ') + "]";
  create_score(score);
  const Json body = only_body();
  EXPECT_EQ(body.at("value"), cut);
  EXPECT_EQ(body.at("comment"), cut);
  EXPECT_EQ(body.at("metadata"), Json::array());

  score.metadata = "[" + std::string(99, ' ') + "]";
  create_score(score);
  EXPECT_EQ(only_body().at("metadata"),
            "[" + std::string(99, ' ') + "\xE2\x80\xA6[truncated 1 bytes]");
}

TEST_F(LimitedScoreTest, OneThatIsStillTooLargeIsDroppedAndCounted) {
  Score score = sound_score();
  score.id = std::string(800, 'x');
  create_score(score);

  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(stats().dropped[DropReason::too_large], 1u);
  expect_conserved();
}

}  // namespace
}  // namespace langfuse::internal

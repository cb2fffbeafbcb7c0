#include "langfuse/tracing/score.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/propagation.h"
#include "model/clock.h"
#include "model/score_layout.h"
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

TEST_F(ScoreTest, APropagatedEnvironmentReachesScores) {
  auto outside = observe("outside");
  {
    const auto scope = propagate_attributes(PropagatedAttributes().set_environment("staging"));
    const auto inside = observe("inside");
    inside.score("a", 1);
    inside.score_trace("b", 1);
    score_current_span("c", 1);
    score_current_trace("d", 1);
    create_score(sound_score());
    Score other = sound_score();
    other.environment = "testing";
    create_score(other);
    {
      const auto nested = propagate_attributes(PropagatedAttributes().set_environment("nested"));
      create_score(sound_score());
      const auto unchanged = propagate_attributes(PropagatedAttributes().set_user_id("u"));
      create_score(sound_score());
    }
  }
  create_score(sound_score());

  std::vector<std::string> environments;
  for (const Json& event : sent()) {
    environments.push_back(event.at("body").value("environment", ""));
  }
  EXPECT_THAT(environments, ElementsAre("staging", "staging", "staging", "staging", "staging",
                                        "testing", "nested", "nested", ""));
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

TEST_F(ScoreTest, OneThatNoServerWouldTakeIsRefusedByFieldAndHurtsNoNeighbour) {
  Score no_number = sound_score();
  no_number.value = std::nan("");
  Score no_target("quality", 1);
  create_score(sound_score());
  create_score(no_number);
  create_score(no_target);
  create_score(sound_score());

  EXPECT_EQ(sent().size(), 2u);
  EXPECT_THAT(said_, ElementsAre("score 'quality' is refused: value is not a finite number",
                                 "score 'quality' is refused: trace_id is not set (or was not 32 "
                                 "lower-case hex digits), nor session_id nor dataset_run_id"));
  EXPECT_EQ(stats().dropped[DropReason::invalid], 2u);
  expect_conserved();
}

TEST_F(ScoreTest, OneThatIsTooLargeIsDroppedAndCounted) {
  Score score = sound_score();
  score.id = std::string(800, 'x');
  shutdown();
  Settings settings = test_settings();
  settings.record_max_bytes = 1'000;
  start(settings);

  create_score(score);

  EXPECT_EQ(stats().dropped[DropReason::too_large], 1u);
  expect_conserved();
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

}  // namespace
}  // namespace langfuse::internal

#include "receiver/ingest/score_ingestion.h"

#include <gtest/gtest.h>

namespace {

using langfuse_receiver::ingest;
using langfuse_receiver::ingest_score;
using langfuse_receiver::IngestionResult;
using langfuse_receiver::Json;
using langfuse_receiver::Sender;

// A valid score with `changes` applied to its body; null removes a field.
Json score_event(const char* changes = "{}") {
  Json event = Json::parse(R"({
    "id": "event-1", "type": "score-create", "timestamp": "2026-08-06T07:06:43.120Z",
    "body": {"id": "score-1", "traceId": "0af7651916cd43dd8448eb211c80319c", "name": "quality",
             "value": 0.9}})");
  const Json parsed_changes = Json::parse(changes);
  for (const auto& [key, value] : parsed_changes.items()) {
    if (value.is_null()) {
      event["body"].erase(key);
    } else {
      event["body"][key] = value;
    }
  }
  return event;
}

IngestionResult send(const Json& event) {
  Json batch = Json::array();
  batch.push_back(event);
  Json request = Json::object();
  request["batch"] = batch;
  return ingest(request.dump(), Sender{}, 0);
}

TEST(ScoreIngestion, ScoresAreAcknowledgedAndStored) {
  const IngestionResult result = send(score_event(
      R"({"comment":"nice","metadata":{"by":"test"},"environment":"Staging","observationId":"o"})"));

  EXPECT_EQ(result.response.status, 207);
  EXPECT_EQ(result.response.body, R"({"successes":[{"id":"event-1","status":201}],"errors":[]})");
  ASSERT_EQ(result.scores.size(), 1U);
  EXPECT_EQ(result.scores[0].id, "score-1");
  EXPECT_EQ(result.scores[0].data_type, "NUMERIC");
  EXPECT_EQ(result.scores[0].value, 0.9);
  EXPECT_EQ(result.scores[0].observation_id, "o");
  EXPECT_EQ(result.scores[0].comment, "nice");
  EXPECT_EQ(result.scores[0].metadata.dump(), R"({"by":"test"})");
  EXPECT_EQ(result.scores[0].environment, "staging");
  EXPECT_EQ(result.scores[0].timestamp_unix_nano, 1'786'000'003'120'000'000);
}

TEST(ScoreIngestion, JsonIsReadAsJavaScriptReadsIt) {
  const auto event = [](const char* id, const char* body) {
    return std::string(R"({"id":")") + id +
           R"(","type":"score-create","timestamp":"2026-08-06T07:06:43.120Z","body":{"id":")" + id +
           R"(","traceId":"t","name":"n",)" + body + "}}";
  };

  const IngestionResult result = ingest(
      R"({"batch":[)" + event("cut", R"("value":1,"comment":"\ud83e")") + "," +
          event("bytes", "\"value\":\"caf\xE9\"") + "," + event("infinite", R"("value":1e999)") +
          "," + event("deep", R"("value":1,"metadata":{"x":1e999,"\udd84":2})") + "]}",
      Sender{}, 0);

  EXPECT_EQ(Json::parse(result.response.body)["errors"].dump(),
            R"([{"id":"infinite","status":400,"message":"Invalid request data",)"
            R"("error":"value: expected a number for NUMERIC"}])");
  ASSERT_EQ(result.scores.size(), 3U);
  EXPECT_EQ(result.scores[0].comment, "\xEF\xBF\xBD");
  EXPECT_EQ(result.scores[1].string_value, "caf\xEF\xBF\xBD");
  EXPECT_EQ(result.scores[2].metadata.dump(), "{\"x\":null,\"\xEF\xBF\xBD\":2}");
}

TEST(ScoreIngestion, ValuesFollowTheDataType) {
  const auto boolean = send(score_event(R"({"value":1,"dataType":"BOOLEAN"})")).scores.at(0);
  const auto category = send(score_event(R"({"value":"good"})")).scores.at(0);
  const auto correction =
      send(score_event(R"({"value":"better text","dataType":"CORRECTION"})")).scores.at(0);

  EXPECT_EQ(boolean.string_value, "True");
  EXPECT_EQ(boolean.value, 1.0);
  EXPECT_EQ(category.data_type, "CATEGORICAL");
  EXPECT_EQ(category.string_value, "good");
  EXPECT_EQ(correction.name, "output");
}

struct Invalid {
  const char* changes;
  const char* error;
};

TEST(ScoreIngestion, InvalidScoresAreRefusedOneByOne) {
  for (const Invalid& invalid : std::vector<Invalid>{
           {R"({"name":""})", "name: must be a non-empty string"},
           {R"({"value":null})", "value: expected a number or a string"},
           {R"({"value":true})", "value: expected a number or a string"},
           {R"({"value":2,"dataType":"BOOLEAN"})", "value: expected 0 or 1 for BOOLEAN"},
           {R"({"value":"x","dataType":"NUMERIC"})", "value: expected a number for NUMERIC"},
           {R"({"value":1,"dataType":"CATEGORICAL"})", "value: expected a string for CATEGORICAL"},
           {R"({"value":"","dataType":"TEXT"})", "value: expected 1 to 500 characters for TEXT"},
           {R"({"dataType":"numeric"})",
            "dataType: expected NUMERIC, BOOLEAN, CATEGORICAL, TEXT or CORRECTION, or no "
            "dataType"},
           {R"({"traceId":null})", "expected exactly one of traceId, sessionId and datasetRunId"},
           {R"({"sessionId":"s"})", "expected exactly one of traceId, sessionId and datasetRunId"},
           {R"({"traceId":null,"sessionId":"s","observationId":"o"})",
            "observationId: needs a traceId"},
           {R"({"source":"ME"})", "source: expected API, ANNOTATION or EVAL"},
           {R"({"comment":5})", "comment: expected a string"}}) {
    const IngestionResult result = send(score_event(invalid.changes));

    EXPECT_EQ(result.response.status, 207);
    EXPECT_EQ(result.scores.size(), 0U);
    const Json body = Json::parse(result.response.body);
    EXPECT_EQ(body["successes"].size(), 0U) << invalid.changes;
    ASSERT_EQ(body["errors"].size(), 1U) << invalid.changes;
    EXPECT_EQ(body["errors"][0].value("status", 0), 400);
    EXPECT_EQ(body["errors"][0].value("id", ""), "event-1");
    EXPECT_EQ(body["errors"][0].value("error", ""), invalid.error);
  }
}

TEST(ScoreIngestion, ANullDataTypeIsRefused) {
  Json event = score_event();
  event["body"]["dataType"] = nullptr;

  EXPECT_EQ(Json::parse(send(event).response.body)["errors"].size(), 1U);
}

TEST(ScoreIngestion, OtherEventTypesAreNotAccepted) {
  for (const char* type : {"trace-create", "span-create", "generation-update", "event-create"}) {
    Json event = score_event();
    event["type"] = type;

    EXPECT_EQ(send(event).response.body,
              R"({"successes":[],"errors":[{"id":"event-1","status":400,)"
              R"("message":"Event type not accepted"}]})")
        << type;
  }
}

TEST(ScoreIngestion, SdkLogsAreInNeitherList) {
  Json event = score_event();
  event["type"] = "sdk-log";

  EXPECT_EQ(send(event).response.body, R"({"successes":[],"errors":[]})");
}

TEST(ScoreIngestion, AScoreWithoutAnIdIsAcknowledgedAndNotStored) {
  const IngestionResult result = send(score_event(R"({"id":null})"));

  EXPECT_EQ(result.response.body,
            R"({"successes":[{"id":"event-1","status":201}],"errors":[],)"
            R"("warnings":[{"id":"event-1","message":"body.id is missing: every server )"
            R"(acknowledges the score and never stores it; send an id"}]})");
  EXPECT_EQ(result.scores.size(), 0U);
}

TEST(ScoreIngestion, WhatAServerWouldLoseIsNamed) {
  const auto warnings = [](const char* changes) {
    return Json::parse(send(score_event(changes)).response.body).value("warnings", Json::array());
  };

  EXPECT_EQ(warnings("{}"), Json::array());
  EXPECT_EQ(warnings(R"({"source":"ANNOTATION"})")[0]["message"],
            "source = ANNOTATION without configId: every server acknowledges the score and never "
            "stores it; send the source API, or a configId");
  EXPECT_EQ(warnings(R"({"configId":"c1"})")[0]["message"],
            "configId = c1: a server that does not know it acknowledges the score and never stores "
            "it; send the id of a score configuration of the project, or none");
}

TEST(ScoreIngestion, EnvelopesAreChecked) {
  for (const auto& [field, value] : std::vector<std::pair<const char*, const char*>>{
           {"id", "null"}, {"id", "\"\""}, {"timestamp", "\"yesterday\""}, {"body", "[]"}}) {
    Json event = score_event();
    event[field] = Json::parse(value);

    EXPECT_EQ(Json::parse(send(event).response.body)["errors"].size(), 1U) << field << value;
  }
}

TEST(ScoreIngestion, ABadItemDoesNotHurtItsNeighbours) {
  Json bad = score_event(R"({"name":""})");
  bad["id"] = "event-2";
  Json request = Json::object();
  request["batch"] = Json::array();
  request["batch"].push_back(score_event());
  request["batch"].push_back(bad);
  request["batch"].push_back("text");

  const IngestionResult result = ingest(request.dump(), Sender{}, 0);

  const Json body = Json::parse(result.response.body);
  EXPECT_EQ(result.scores.size(), 1U);
  EXPECT_EQ(body["successes"].size(), 1U);
  EXPECT_EQ(body["errors"][0]["id"], Json("event-2"));
  EXPECT_EQ(body["errors"][1]["id"], Json("unknown"));
}

TEST(ScoreIngestion, RequestsThatAreNoBatchAreRefusedAsAWhole) {
  EXPECT_EQ(ingest("{", Sender{}, 0).response.status, 400);
  EXPECT_EQ(ingest("{}", Sender{}, 0).response.body,
            R"({"message":"Invalid request data","errors":["batch: expected an array"]})");
  EXPECT_EQ(ingest(R"({"batch":[]})", Sender{}, 0).response.status, 207);
}

TEST(ScoreIngestion, LengthsAreCountedAsJavaScriptCounts) {
  std::string text(498, 'x');
  text += "\xF0\x9F\x98\x80";
  Json event = score_event(R"({"dataType":"TEXT"})");
  event["body"]["value"] = text;
  EXPECT_EQ(send(event).scores.size(), 1U);

  event["body"]["value"] = text + "\xC3\xA9";
  EXPECT_EQ(send(event).scores.size(), 0U);
}

TEST(SingleScore, IsAnsweredWithItsIdAndStoredWithTheTimeOfItsArrival) {
  const IngestionResult result =
      ingest_score(score_event(R"({"metadata":[1]})")["body"].dump(), Sender{}, 7);

  EXPECT_EQ(result.response.status, 200);
  EXPECT_EQ(result.response.body, R"({"id":"score-1"})");
  ASSERT_EQ(result.scores.size(), 1U);
  EXPECT_EQ(result.scores[0].id, "score-1");
  EXPECT_EQ(result.scores[0].value, 0.9);
  EXPECT_EQ(result.scores[0].metadata.dump(), R"({"metadata":[1]})");
  EXPECT_EQ(result.scores[0].timestamp_unix_nano, 7);
}

TEST(SingleScore, WithoutAnIdGetsOneOfItsOwn) {
  const std::string body = score_event(R"({"id":null})")["body"].dump();

  const IngestionResult first = ingest_score(body, Sender{}, 0);
  const IngestionResult second = ingest_score(body, Sender{}, 0);

  ASSERT_EQ(first.scores.size(), 1U);
  EXPECT_EQ(first.scores[0].id.size(), 32U);
  EXPECT_EQ(Json::parse(first.response.body)["id"].get<std::string>(), first.scores[0].id);
  EXPECT_NE(first.scores[0].id, second.scores.at(0).id);
}

TEST(SingleScore, ThatIsInvalidIsRefusedWithAReason) {
  const std::string no_name = score_event(R"({"name":""})")["body"].dump();
  const std::string of_evaluator = score_event(R"({"source":"EVAL"})")["body"].dump();

  EXPECT_EQ(ingest_score(no_name, Sender{}, 0).response.status, 400);
  EXPECT_EQ(ingest_score(no_name, Sender{}, 0).response.body,
            R"({"message":"Invalid request data","error":"name: must be a non-empty string"})");
  EXPECT_EQ(ingest_score(of_evaluator, Sender{}, 0).scores.size(), 0U);
  EXPECT_EQ(ingest_score("[]", Sender{}, 0).response.status, 400);
  EXPECT_EQ(ingest_score("{", Sender{}, 0).response.status, 400);
}

}  // namespace

// What the published JavaScript SDK sent, given to our receiver, and the rows that a Langfuse
// server made of it: see tests/data/js-sdk/README.md.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "receiver/api/read_api.h"
#include "tests/receiver/receiver_requests.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::Json;
using langfuse_receiver::ObservationQuery;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::ScoreQuery;
using langfuse_receiver::ScoreRow;
using langfuse_receiver::Store;
using langfuse_test::post_request;

std::string recorded(const std::string& name) {
  std::ifstream file(LANGFUSE_TEST_DATA "/js-sdk/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Deliberate differences, everything else must be equal:
// - `ingestion_api_key` is that of the local receiver, not of the recording's server;
// - `source` and `id` of an observation are not stored: always "otel", always the span id;
// - times are kept in nanoseconds here, so they are compared in the server's milliseconds.
constexpr const char* recorded_key = "pk-lf-harness";

void put_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) {
    json[name] = text;
  }
}

void put_object(Json& json, const char* name, const Json& object) {
  if (!object.empty()) {
    json[name] = object;
  }
}

std::int64_t microseconds(std::int64_t nanoseconds) {
  return nanoseconds / 1'000'000 * 1'000;
}

// Our row in the form of the recording, where empty fields are left out.
Json as_recorded(const ObservationRow& row) {
  Json json = Json::object();
  json["id"] = row.span_id;
  put_text(json, "trace_id", row.trace_id);
  put_text(json, "span_id", row.span_id);
  put_text(json, "parent_span_id", row.parent_span_id);
  put_text(json, "name", row.name);
  put_text(json, "type", row.type);
  put_text(json, "environment", row.environment);
  put_text(json, "version", row.version);
  put_text(json, "release", row.release);
  put_object(json, "tags", row.tags);
  if (row.is_public) {
    json["public"] = true;
  }
  if (row.is_app_root) {
    json["is_app_root"] = true;
  }
  put_text(json, "trace_name", row.trace_name);
  put_text(json, "user_id", row.user_id);
  put_text(json, "session_id", row.session_id);
  put_text(json, "level", row.level);
  put_text(json, "status_message", row.status_message);
  json["start_time"] = microseconds(row.start_unix_nano);
  json["end_time"] = microseconds(row.end_unix_nano);
  if (row.completion_start_unix_nano) {
    json["completion_start_time"] = microseconds(*row.completion_start_unix_nano);
  }
  put_text(json, "prompt_name", row.prompt_name);
  if (row.prompt_version) {
    json["prompt_version"] = *row.prompt_version;
  }
  put_text(json, "provided_model_name", row.model);
  put_object(json, "model_parameters", row.model_parameters);
  put_object(json, "provided_usage_details", row.provided_usage_details);
  put_object(json, "usage_details", row.usage_details);
  put_object(json, "provided_cost_details", row.provided_cost_details);
  put_object(json, "cost_details", row.cost_details);
  put_text(json, "input", row.input);
  put_text(json, "output", row.output);
  json["source"] = "otel";
  json["ingestion_api_key"] = recorded_key;
  put_text(json, "ingestion_sdk_name", row.ingestion_sdk_name);
  put_text(json, "ingestion_sdk_version", row.ingestion_sdk_version);
  put_text(json, "service_name", row.service_name);
  put_text(json, "service_version", row.service_version);
  put_text(json, "scope_name", row.scope_name);
  put_text(json, "scope_version", row.scope_version);
  put_text(json, "telemetry_sdk_language", row.telemetry_sdk_language);
  put_text(json, "telemetry_sdk_name", row.telemetry_sdk_name);
  put_text(json, "telemetry_sdk_version", row.telemetry_sdk_version);
  put_object(json, "metadata", row.metadata);
  return json;
}

Json as_recorded(const ScoreRow& row) {
  Json json = Json::object();
  json["id"] = row.id;
  put_text(json, "trace_id", row.trace_id);
  put_text(json, "observation_id", row.observation_id);
  put_text(json, "environment", row.environment);
  put_text(json, "name", row.name);
  if (row.value != 0) {
    json["value"] = row.value;
  }
  put_text(json, "source", row.source);
  put_text(json, "comment", row.comment);
  put_object(json, "metadata", row.metadata);
  put_text(json, "data_type", row.data_type);
  put_text(json, "string_value", row.string_value);
  json["ingestion_api_key"] = recorded_key;
  put_text(json, "ingestion_sdk_name", row.ingestion_sdk_name);
  put_text(json, "ingestion_sdk_version", row.ingestion_sdk_version);
  json["timestamp"] = row.timestamp_unix_nano / 1'000'000;
  return json;
}

// Keys sorted and whole numbers without a fraction, so that texts can be compared.
std::string canonical(Json json) {
  if (json.contains("value") &&
      json["value"].get<double>() == std::floor(json["value"].get<double>())) {
    json["value"] = json["value"].get<std::int64_t>();
  }
  return nlohmann::json::parse(json.dump()).dump(1);
}

std::map<std::string, std::string> expected_rows(const std::string& table) {
  std::map<std::string, std::string> rows;
  for (const Json& entry : Json::parse(recorded("server-rows.json"))) {
    if (entry.value("table", "") == table) {
      Json row = entry["row"];
      rows[row["id"].get<std::string>()] = canonical(row);
    }
  }
  return rows;
}

void send(const std::string& path, const std::string& body, const std::string& content_type,
          int status, Store& store) {
  auto request = post_request(path, body, content_type);
  request.headers["x-langfuse-sdk-name"] = "javascript";
  request.headers["x-langfuse-sdk-version"] = "5.11.1";
  const auto response = langfuse_receiver::answer(request, langfuse_test::route_options(), store);
  ASSERT_EQ(response.status, status) << response.body;
}

std::map<std::string, std::string> stored_observations(Store& store) {
  ObservationQuery query;
  query.limit = 1000;
  std::map<std::string, std::string> rows;
  for (const ObservationRow& row : store.find(query)) {
    EXPECT_EQ(row.ingestion_api_key, "pk-lf-local");
    rows[row.span_id] = canonical(as_recorded(row));
  }
  return rows;
}

void expect_equal(const std::map<std::string, std::string>& stored,
                  const std::map<std::string, std::string>& expected) {
  ASSERT_EQ(stored.size(), expected.size());
  for (const auto& [id, row] : expected) {
    ASSERT_EQ(stored.count(id), 1U) << id;
    EXPECT_EQ(stored.at(id), row);
  }
}

TEST(JsSdkReplay, ItsObservationsAreStoredAsTheServerStoresThem) {
  Store store("");

  send("/api/public/otel/v1/traces", recorded("otlp-request.json"), "application/json", 200, store);

  const auto expected = expected_rows("events_full");
  EXPECT_EQ(expected.size(), 12U);
  expect_equal(stored_observations(store), expected);
}

TEST(JsSdkReplay, TheSameExportInProtobufGivesTheSameRows) {
  Store store("");
  const std::string protobuf =
      langfuse_test::protobuf_of(Json::parse(recorded("otlp-request.json")));

  send("/api/public/otel/v1/traces", protobuf, "application/x-protobuf", 200, store);

  expect_equal(stored_observations(store), expected_rows("events_full"));
}

TEST(JsSdkReplay, ItsScoresAreStoredAsTheServerStoresThem) {
  Store store("");

  send("/api/public/ingestion", recorded("score-request.json"), "application/json", 207, store);

  std::map<std::string, std::string> stored;
  for (const ScoreRow& row : store.find(ScoreQuery{})) {
    stored[row.id] = canonical(as_recorded(row));
  }
  const auto expected = expected_rows("scores");
  EXPECT_EQ(expected.size(), 3U);
  expect_equal(stored, expected);
}

}  // namespace

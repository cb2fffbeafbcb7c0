#include "receiver/ingest/score_ingestion.h"

#include <cmath>
#include <random>
#include <set>
#include <stdexcept>

#include "receiver/base/interruption.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/http/json_response.h"
#include "receiver/spans/environment.h"

namespace langfuse_receiver {
namespace {

constexpr std::size_t max_id_length = 800;
constexpr std::size_t max_text_score_length = 500;

// An event that is refused; the text says why.
class InvalidEvent : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// As JavaScript counts: UTF-16 code units. REQUIRES: valid UTF-8.
std::size_t length_of(const std::string& text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    length += (byte & 0xC0U) == 0x80U ? 0 : byte >= 0xF0U ? 2 : 1;
  }
  return length;
}

// Empty if the field is absent or null.
std::string text_field(const Json& object, const std::string& name) {
  const auto field = object.find(name);
  if (field == object.end() || field->is_null()) {
    return {};
  }
  if (!field->is_string()) {
    throw InvalidEvent(name + ": expected a string");
  }
  return field->get<std::string>();
}

std::string id_field(const Json& object, const std::string& name) {
  std::string id = text_field(object, name);
  if (length_of(id) > max_id_length) {
    throw InvalidEvent(name + ": longer than 800 characters");
  }
  if (id.find('\r') != std::string::npos) {
    throw InvalidEvent(name + ": must not contain a carriage return");
  }
  return id;
}

std::string data_type_of(const Json& body, const Json& value) {
  const auto given = body.find("dataType");
  if (given == body.end()) {
    return value.is_number() ? "NUMERIC" : "CATEGORICAL";
  }
  static const std::set<std::string> known{"NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT",
                                           "CORRECTION"};
  if (!given->is_string() || known.count(given->get<std::string>()) == 0) {
    throw InvalidEvent(
        "dataType: expected NUMERIC, BOOLEAN, CATEGORICAL, TEXT or CORRECTION, or no dataType");
  }
  return given->get<std::string>();
}

void set_value(const Json& value, ScoreRow& score) {
  if (score.data_type == "NUMERIC" || score.data_type == "BOOLEAN") {
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      throw InvalidEvent("value: expected a number for " + score.data_type);
    }
    score.value = value.get<double>();
    if (score.data_type == "BOOLEAN") {
      if (score.value != 0.0 && score.value != 1.0) {
        throw InvalidEvent("value: expected 0 or 1 for BOOLEAN");
      }
      score.string_value = score.value == 1.0 ? "True" : "False";
    }
    return;
  }
  if (!value.is_string()) {
    throw InvalidEvent("value: expected a string for " + score.data_type);
  }
  score.string_value = value.get<std::string>();
  if (score.data_type == "TEXT" &&
      (score.string_value.empty() || length_of(score.string_value) > max_text_score_length)) {
    throw InvalidEvent("value: expected 1 to 500 characters for TEXT");
  }
}

void set_target(const Json& body, ScoreRow& score) {
  score.trace_id = id_field(body, "traceId");
  score.observation_id = id_field(body, "observationId");
  score.session_id = id_field(body, "sessionId");
  score.dataset_run_id = id_field(body, "datasetRunId");
  const int targets = (score.trace_id.empty() ? 0 : 1) + (score.session_id.empty() ? 0 : 1) +
                      (score.dataset_run_id.empty() ? 0 : 1);
  if (targets != 1) {
    throw InvalidEvent("expected exactly one of traceId, sessionId and datasetRunId");
  }
  if (!score.observation_id.empty() && score.trace_id.empty()) {
    throw InvalidEvent("observationId: needs a traceId");
  }
}

void set_source(const Json& body, ScoreRow& score) {
  score.source = text_field(body, "source");
  if (score.source.empty()) {
    score.source = "API";
  }
  if (score.source != "API" && score.source != "ANNOTATION" && score.source != "EVAL") {
    throw InvalidEvent("source: expected API, ANNOTATION or EVAL");
  }
}

ScoreRow score_of(const Json& body, const Sender& sender, std::int64_t timestamp_unix_nano,
                  std::int64_t now_unix_nano) {
  ScoreRow score;
  score.id = id_field(body, "id");
  score.name = text_field(body, "name");
  if (score.name.empty()) {
    throw InvalidEvent("name: must be a non-empty string");
  }
  const auto value = body.find("value");
  if (value == body.end() || (!value->is_number() && !value->is_string())) {
    throw InvalidEvent("value: expected a number or a string");
  }
  score.data_type = data_type_of(body, *value);
  set_value(*value, score);
  set_target(body, score);
  set_source(body, score);
  score.comment = text_field(body, "comment");
  score.config_id = text_field(body, "configId");
  const auto metadata = body.find("metadata");
  if (metadata != body.end() && !metadata->is_null()) {
    score.metadata = metadata->is_object() ? *metadata : Json{{"metadata", *metadata}};
  }
  score.environment = normalize_environment(text_field(body, "environment"));
  score.timestamp_unix_nano = timestamp_unix_nano;
  if (score.data_type == "CORRECTION") {
    score.name = "output";
  }
  score.set_received(sender, now_unix_nano);
  return score;
}

// What every event must have, whatever its type.
std::string checked_envelope_id(const Json& event) {
  if (!event.is_object()) {
    throw InvalidEvent("expected an object");
  }
  std::string id = id_field(event, "id");
  if (id.empty()) {
    throw InvalidEvent("id: must be a non-empty string");
  }
  if (text_field(event, "type").empty()) {
    throw InvalidEvent("type: must be a non-empty string");
  }
  if (!parse_iso_time(text_field(event, "timestamp"))) {
    throw InvalidEvent("timestamp: expected ISO 8601 with Z or an offset");
  }
  if (!event.contains("body") || !event["body"].is_object()) {
    throw InvalidEvent("body: expected an object");
  }
  return id;
}

// 32 random hexadecimal digits.
std::string new_id() {
  std::random_device random;
  std::string id;
  while (id.size() < 32) {
    id += hex_digits[random() % 16U];
  }
  return id;
}

// What a server acknowledges and never stores, as a sentence; empty if it stores the score.
std::string lost_score(const ScoreRow& score) {
  if (score.id.empty()) {
    return "body.id is missing: every server acknowledges the score and never stores it; send an "
           "id";
  }
  if (!score.config_id.empty()) {
    return "configId = " + score.config_id +
           ": a server that does not know it acknowledges the score and never stores it; send the "
           "id of a score configuration of the project, or none";
  }
  if (score.source == "ANNOTATION" && score.data_type != "CORRECTION") {
    return "source = ANNOTATION without configId: every server acknowledges the score and never "
           "stores it; send the source API, or a configId";
  }
  return {};
}

bool is_accepted_type(const std::string& type) {
  return type == "score-create" || type == "sdk-log";
}

}  // namespace

IngestionResult ingest(const std::string& body, const Sender& sender, std::int64_t now_unix_nano) {
  const std::optional<Json> request = parse_json(body);
  if (!request) {
    return {{400, "Invalid JSON", "text/plain", {}}, {}};
  }
  if (!request->is_object() || !request->contains("batch") || !(*request)["batch"].is_array()) {
    const Json refusal = {{"message", "Invalid request data"},
                          {"errors", {"batch: expected an array"}}};
    return {json_response(400, refusal), {}};
  }
  IngestionResult result;
  Json successes = Json::array();
  Json errors = Json::array();
  Json warnings = Json::array();
  for (const Json& event : (*request)["batch"]) {
    throw_if_interrupted();
    std::string id = "unknown";
    if (event.is_object() && event.contains("id") && event["id"].is_string()) {
      id = event["id"].get<std::string>();
    }
    try {
      checked_envelope_id(event);
      const std::string type = event["type"].get<std::string>();
      if (!is_accepted_type(type)) {
        errors.push_back({{"id", id}, {"status", 400}, {"message", "Event type not accepted"}});
        continue;
      }
      if (type == "sdk-log") {
        continue;  // in neither list
      }
      ScoreRow score =
          score_of(event["body"], sender, *parse_iso_time(event["timestamp"].get<std::string>()),
                   now_unix_nano);
      if (const std::string loss = lost_score(score); !loss.empty()) {
        warnings.push_back({{"id", id}, {"message", loss}});
      }
      if (!score.id.empty()) {
        result.scores.push_back(std::move(score));
      }
      successes.push_back({{"id", id}, {"status", 201}});
    } catch (const InvalidEvent& invalid) {
      errors.push_back({{"id", id},
                        {"status", 400},
                        {"message", "Invalid request data"},
                        {"error", invalid.what()}});
    }
  }
  Json answer = {{"successes", std::move(successes)}, {"errors", std::move(errors)}};
  if (!warnings.empty()) {
    answer["warnings"] = std::move(warnings);  // which no server sends and no client minds
  }
  result.response = json_response(207, answer);
  return result;
}

IngestionResult ingest_score(const std::string& body, const Sender& sender,
                             std::int64_t now_unix_nano) {
  const auto refusal = [](const std::string& why) {
    const Json json = {{"message", "Invalid request data"}, {"error", why}};
    return IngestionResult{json_response(400, json), {}};
  };
  const std::optional<Json> request = parse_json(body);
  if (!request) {
    return {{400, "Invalid JSON", "text/plain", {}}, {}};
  }
  if (!request->is_object()) {
    return refusal("expected an object");
  }
  try {
    ScoreRow score = score_of(*request, sender, now_unix_nano, now_unix_nano);
    if (score.source == "EVAL") {
      return refusal("source: expected API or ANNOTATION");
    }
    if (score.id.empty()) {
      score.id = new_id();
    }
    const Json answer = {{"id", score.id}};
    IngestionResult result{json_response(200, answer), {}};
    result.scores.push_back(std::move(score));
    return result;
  } catch (const InvalidEvent& invalid) {
    return refusal(invalid.what());
  }
}

}  // namespace langfuse_receiver

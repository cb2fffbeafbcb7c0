#include "tracing/score_encoder.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "model/clock.h"
#include "model/cut_text.h"
#include "model/json_check.h"
#include "model/random_ids.h"
#include "model/score_layout.h"
#include "model/utc_time.h"
#include "model/utf8.h"
#include "tracing/bytes/json_text.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t longest_id = 800;
constexpr std::size_t longest_text_value = 500;

ScoreDataType data_type_of(const ScoreFields& score) noexcept {
  if (score.details.data_type != ScoreDataType::implied) return score.details.data_type;
  switch (score.value.kind()) {
    case ScoreValue::Kind::number:
      return ScoreDataType::numeric;
    case ScoreValue::Kind::boolean:
      return ScoreDataType::boolean;
    case ScoreValue::Kind::text:
      break;
  }
  return ScoreDataType::categorical;
}

std::string_view wire_name(ScoreDataType type) noexcept {
  switch (type) {
    case ScoreDataType::numeric:
      return "NUMERIC";
    case ScoreDataType::boolean:
      return "BOOLEAN";
    case ScoreDataType::text:
      return "TEXT";
    case ScoreDataType::correction:
      return "CORRECTION";
    case ScoreDataType::implied:
    case ScoreDataType::categorical:
      break;
  }
  return "CATEGORICAL";
}

std::string_view problem_of_value(const ScoreValue& value, ScoreDataType type) noexcept {
  const bool is_text = value.kind() == ScoreValue::Kind::text;
  switch (type) {
    case ScoreDataType::implied:
      break;
    case ScoreDataType::numeric:
      if (value.kind() != ScoreValue::Kind::number)
        return "value is not a number, as NUMERIC needs";
      if (!std::isfinite(value.number())) return "value is not a finite number";
      return {};
    case ScoreDataType::boolean:
      if (is_text || (value.number() != 0 && value.number() != 1)) {
        return "value is neither a bool nor 0 or 1, as BOOLEAN needs";
      }
      return {};
    case ScoreDataType::categorical:
      return is_text ? "" : "value is not a text, as CATEGORICAL needs";
    case ScoreDataType::text: {
      if (!is_text) return "value is not a text, as TEXT needs";
      const std::size_t size = utf16_size(value.text());
      return size >= 1 && size <= longest_text_value ? ""
                                                     : "value has not 1 to 500 characters, as TEXT "
                                                       "needs";
    }
    case ScoreDataType::correction:
      return is_text ? "" : "value is not a text, as CORRECTION needs";
  }
  return "data_type is none of ScoreDataType";
}

std::string_view problem_of_target(const ScoreFields& score) noexcept {
  const int targets = (score.trace_id.is_valid() ? 1 : 0) + (score.session_id.empty() ? 0 : 1) +
                      (score.dataset_run_id.empty() ? 0 : 1);
  if (score.observation_id.is_valid() && !score.trace_id.is_valid()) {
    return "trace_id is not set (or was not 32 lower-case hex digits), as observation_id needs";
  }
  if (targets == 0) {
    return "trace_id is not set (or was not 32 lower-case hex digits), nor session_id nor "
           "dataset_run_id";
  }
  return targets == 1 ? "" : "trace_id, session_id and dataset_run_id: only one may be set";
}

bool is_sound_id(std::string_view id) noexcept {
  return utf16_size(id) <= longest_id && id.find('\r') == std::string_view::npos;
}

std::string_view problem_of_ids(const ScoreFields& score) noexcept {
  if (!is_sound_id(score.details.id)) return "id has a carriage return or over 800 characters";
  if (!is_sound_id(score.details.config_id)) {
    return "config_id has a carriage return or over 800 characters";
  }
  if (!is_sound_id(score.session_id)) {
    return "session_id has a carriage return or over 800 characters";
  }
  if (!is_sound_id(score.dataset_run_id)) {
    return "dataset_run_id has a carriage return or over 800 characters";
  }
  return {};
}

// Writes the members of a JSON object.
class MemberWriter {
 public:
  MemberWriter(JsonText& json, std::size_t value_max_bytes) noexcept
      : json_(json), value_max_bytes_(value_max_bytes) {}

  std::size_t cut_texts() const noexcept { return cut_texts_; }
  bool has_memory() const noexcept { return has_memory_; }

  // `name` needs no escaping. An empty text is left out.
  void id(std::string_view name, std::string_view id) {
    if (id.empty()) return;
    begin(name);
    json_.append_string(id);
  }
  void text(std::string_view name, std::string_view text) {
    begin(name);
    if (text.size() <= value_max_bytes_) {
      json_.append_string(text);
      return;
    }
    GrowingArray<char> cut;
    has_memory_ = set_text(cut, Text(text, value_max_bytes_)) && has_memory_;
    ++cut_texts_;
    json_.append_string({cut.data(), cut.size()});
  }
  void number(std::string_view name, double number) {
    begin(name);
    char digits[32];
    const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    json_.append({digits, static_cast<std::size_t>(end - digits)});
  }
  void json(std::string_view name, std::string_view json) {
    if (json.size() > value_max_bytes_ || !is_json(json)) {
      text(name, json);
      return;
    }
    begin(name);
    json_.append(json);
  }

 private:
  void begin(std::string_view name) {
    json_.append(is_first_ ? "{\"" : ",\"");
    json_.append(name);
    json_.append("\":");
    is_first_ = false;
  }

  JsonText& json_;
  const std::size_t value_max_bytes_;
  std::size_t cut_texts_ = 0;
  bool has_memory_ = true;
  bool is_first_ = true;
};

std::string_view environment_of(const ScoreFields& score, const Settings& settings) noexcept {
  if (!score.details.environment.empty()) return score.details.environment;
  return score.propagated_environment.empty() ? settings.environment : score.propagated_environment;
}

// Returns how many texts were cut. Sets `is_out_of_memory` when one of them found no memory.
std::size_t write_body(const ScoreFields& score, const Settings& settings, JsonText& json,
                       bool& is_out_of_memory) {
  const ScoreDetails& details = score.details;
  MemberWriter members(json, settings.value_max_bytes);
  // Without an id of its own a score is acknowledged and lost.
  const UuidText new_id = random_uuid();
  members.id("id", details.id.empty() ? std::string_view(new_id) : details.id);
  if (score.trace_id.is_valid()) members.id("traceId", score.trace_id.hex());
  if (score.observation_id.is_valid()) members.id("observationId", score.observation_id.hex());
  members.id("sessionId", score.session_id);
  members.id("datasetRunId", score.dataset_run_id);
  members.text("name", score.name);
  if (score.value.kind() == ScoreValue::Kind::text) {
    members.text("value", score.value.text());
  } else {
    members.number("value", score.value.number());  // a JSON `true` is refused
  }
  members.id("dataType", wire_name(data_type_of(score)));
  if (!details.comment.empty()) members.text("comment", details.comment);
  if (!details.metadata.empty()) members.json("metadata", details.metadata);
  members.id("configId", details.config_id);
  members.id("environment", environment_of(score, settings));
  json.append("}");
  is_out_of_memory = !members.has_memory();
  return members.cut_texts();
}

}  // namespace

std::string_view problem_of(const ScoreFields& score) noexcept {
  const ScoreDataType type = data_type_of(score);
  if (score.name.empty()) return "name is empty";
  std::string_view problem = problem_of_value(score.value, type);
  if (problem.empty()) problem = problem_of_target(score);
  if (problem.empty()) problem = problem_of_ids(score);
  if (!problem.empty()) return problem;
  if (type == ScoreDataType::correction && !score.trace_id.is_valid()) {
    return "trace_id is not set, as CORRECTION needs";
  }
  if (type == ScoreDataType::correction && !score.details.config_id.empty()) {
    return "config_id is set, which CORRECTION has not";
  }
  if (!is_environment_name(score.details.environment)) {
    return "environment is not at most 40 lower-case letters, digits, - and _, not beginning with "
           "langfuse";
  }
  return score.details.timestamp_unix_nano >= 0 ? "" : "timestamp_unix_nano is before 1970";
}

EncodedRecord encode_score(const ScoreFields& score, const Settings& settings) noexcept {
  const std::int64_t given_time =
      score.time_unix_nano != 0 ? score.time_unix_nano : score.details.timestamp_unix_nano;
  const std::int64_t time = given_time != 0 ? given_time : wall_now_ns();
  JsonBuffer event;
  event.max_bytes = settings.record_max_bytes;
  JsonText json = JsonTextAccess::make(&event);
  json.append(score_event_begin);
  json.append(random_uuid());
  json.append(score_event_type);
  json.append(utc_time_text(time));
  json.append(score_event_body);
  bool is_out_of_memory = false;
  const std::size_t cut_texts = write_body(score, settings, json, is_out_of_memory);
  json.append(score_event_end);

  if (event.is_out_of_memory || is_out_of_memory) return {nullptr, DropReason::out_of_memory};
  if (event.full_size > settings.record_max_bytes) return {nullptr, DropReason::too_large};
  RecordPtr record = allocate_kept_record(event.text.size());
  if (record == nullptr) return {nullptr, DropReason::out_of_memory};
  std::memcpy(record->data(), event.text.data(), event.text.size());
  record->size = static_cast<std::uint32_t>(event.text.size());
  record->kind = RecordKind::score;
  record->trace_id = score.trace_id;
  record->span_id = score.observation_id;
  record->start_unix_nano = time;
  return {std::move(record), DropReason::out_of_memory, cut_texts};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "receiver/spans/span_conversion.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>

#include "receiver/base/interruption.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/base/utf8_text.h"
#include "receiver/spans/environment.h"
#include "receiver/spans/foreign_attributes.h"
#include "receiver/spans/linter.h"
#include "receiver/spans/usage_details.h"

namespace langfuse_receiver {
namespace {

bool is_true(const Attributes& attributes, const char* key) {
  const Json* value = find_attribute(attributes, key);
  return value != nullptr && (*value == Json(true) || *value == Json("true"));
}

// The object that a JSON-text attribute holds; empty if it is absent or anything else.
Json object_attribute(const Attributes& attributes, const char* key) {
  if (const Json* value = find_attribute(attributes, key); value != nullptr && value->is_string()) {
    auto parsed = parse_json(value->get_ref<const std::string&>());
    if (parsed && parsed->is_object()) {
      return std::move(*parsed);
    }
  }
  return Json::object();
}

std::string type_of(const Attributes& attributes) {
  static const std::map<std::string_view, const char*> types{
      {"span", "SPAN"},           {"generation", "GENERATION"}, {"event", "EVENT"},
      {"embedding", "EMBEDDING"}, {"agent", "AGENT"},           {"tool", "TOOL"},
      {"chain", "CHAIN"},         {"retriever", "RETRIEVER"},   {"evaluator", "EVALUATOR"},
      {"guardrail", "GUARDRAIL"}};
  const auto found = types.find(text_attribute(attributes, "langfuse.observation.type"));
  if (found != types.end()) {
    return found->second;
  }
  const std::string foreign = foreign_type(attributes);
  return foreign.empty() ? "SPAN" : foreign;
}

std::string level_of(const ReceivedSpan& span) {
  static const std::map<std::string_view, const char*> levels{
      {"DEBUG", "DEBUG"},     {"TRACE", "DEBUG"},   {"VERBOSE", "DEBUG"},   {"DEFAULT", "DEFAULT"},
      {"INFO", "DEFAULT"},    {"LOG", "DEFAULT"},   {"NOTICE", "DEFAULT"},  {"OK", "DEFAULT"},
      {"SUCCESS", "DEFAULT"}, {"WARN", "WARNING"},  {"WARNING", "WARNING"}, {"ERROR", "ERROR"},
      {"FATAL", "ERROR"},     {"CRITICAL", "ERROR"}};
  std::string level;
  for (const char c : text_attribute(span.attributes, "langfuse.observation.level")) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      level += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  const auto found = levels.find(level);
  if (found != levels.end()) {
    return found->second;
  }
  return span.status_code == 2 ? "ERROR" : "DEFAULT";
}

Json tags_of(const Attributes& attributes) {
  const Json* value = find_attribute(attributes, "langfuse.trace.tags");
  if (value == nullptr) {
    value = find_attribute(attributes, "langfuse.tags");
  }
  Json tags = Json::array();
  if (value == nullptr) {
    return tags;
  }
  if (value->is_array()) {
    for (const Json& tag : *value) {
      tags.push_back(as_text(tag));
    }
    return tags;
  }
  const std::string text = as_text(*value);
  if (const auto parsed = parse_json(text); parsed && parsed->is_array()) {
    for (const Json& tag : *parsed) {
      tags.push_back(as_text(tag));
    }
    return tags;
  }
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view tag = std::string_view(text).substr(at, comma - at);
    const std::size_t first = tag.find_first_not_of(' ');
    if (first != std::string_view::npos) {
      tags.push_back(std::string(tag.substr(first, tag.find_last_not_of(' ') - first + 1)));
    }
    at = comma + 1;
  }
  return tags;
}

// What the dotted names of one span may take: those below a long name repeat it.
constexpr std::size_t max_flat_name_bytes = 32U << 20U;

// Objects become dotted names, everything else text, and so do the objects for whose names `room`
// bytes are too few.
void flatten(const std::string& name, const Json& value, std::size_t& room, Json& flat) {
  throw_if_interrupted();
  if (!value.is_object() || name.size() >= room / (value.size() + 1)) {
    flat[name] = as_text(value);
    return;
  }
  room -= name.size() * value.size();
  for (const auto& [key, element] : value.items()) {
    flatten(name.empty() ? key : name + "." + key, element, room, flat);
  }
}

Json as_object(const Attributes& attributes) {
  Json object = Json::object();
  for (const Attribute& attribute : attributes) {
    throw_if_interrupted();
    object[attribute.key] = attribute.value;
  }
  return object;
}

// `<prefix>` holds JSON text of an object (an array is spread by index, anything else dropped),
// `<prefix>.<key>` one value each, which wins.
void merge_metadata(const Attributes& attributes, const std::string& prefix, Json& metadata) {
  if (const Json* blob = find_attribute(attributes, prefix); blob != nullptr && blob->is_string()) {
    const auto parsed = parse_json(blob->get_ref<const std::string&>());
    if (parsed && parsed->is_structured()) {
      for (const auto& [key, value] : parsed->items()) {
        metadata[key] = value;
      }
    }
  }
  for (const Attribute& attribute : attributes) {
    if (starts_with(attribute.key, prefix) && attribute.key.size() > prefix.size() + 1 &&
        attribute.key[prefix.size()] == '.') {
      metadata[attribute.key.substr(prefix.size() + 1)] = attribute.value;
    }
  }
}

Json metadata_of(const ReceivedSpan& span, const std::vector<std::string>& used_keys) {
  const SpanOrigin& origin = *span.origin;
  Json scope = Json::object();
  if (!origin.scope_name.empty()) {
    scope["name"] = origin.scope_name;
  }
  if (!origin.scope_version.empty()) {
    scope["version"] = origin.scope_version;
  }
  scope["attributes"] = as_object(origin.scope_attributes);
  Json metadata = {{"resourceAttributes", as_object(origin.resource)}, {"scope", scope}};
  // Spans of other libraries show all they carry; Langfuse's own SDKs have said it in other
  // columns.
  if (!starts_with(origin.scope_name, "langfuse-sdk")) {
    Json rest = Json::object();
    for (const Attribute& attribute : span.attributes) {
      const bool used =
          std::find(used_keys.begin(), used_keys.end(), attribute.key) != used_keys.end();
      if (!used && !starts_with(attribute.key, "langfuse.")) {
        rest[attribute.key] = as_text(attribute.value);
      }
    }
    metadata["attributes"] = std::move(rest);
  }
  merge_metadata(span.attributes, "langfuse.metadata", metadata);
  merge_metadata(span.attributes, "langfuse.observation.metadata", metadata);
  merge_metadata(span.attributes, "langfuse.trace.metadata", metadata);
  Json flat = Json::object();
  std::size_t room = max_flat_name_bytes;
  flatten("", metadata, room, flat);
  return flat;
}

void set_times(const ReceivedSpan& span, std::int64_t now, ObservationRow& row) {
  const std::int64_t fallback = span.start_unix_nano.value_or(span.end_unix_nano.value_or(now));
  row.start_unix_nano = fallback;
  row.end_unix_nano = span.end_unix_nano.value_or(fallback);
  std::string time = first_text(span.attributes, "langfuse.observation.completion_start_time");
  if (time.size() >= 2 && time.front() == '"' && time.back() == '"') {
    time = time.substr(1, time.size() - 2);  // the SDKs send it as JSON text
  }
  row.completion_start_unix_nano = parse_iso_time(time);
  // The text has milliseconds: one from within the first of them would lie before the start.
  constexpr std::uint64_t millisecond = 1'000'000;
  std::optional<std::int64_t>& completion = row.completion_start_unix_nano;
  if (completion && *completion < row.start_unix_nano &&
      static_cast<std::uint64_t>(row.start_unix_nano) - static_cast<std::uint64_t>(*completion) <
          millisecond) {
    completion = row.start_unix_nano;
  }
}

// Returns the attribute keys that were read besides `langfuse.*`.
std::vector<std::string> set_input_output(const ReceivedSpan& span, ObservationRow& row) {
  const Json* input = find_attribute(span.attributes, "langfuse.observation.input");
  const Json* output = find_attribute(span.attributes, "langfuse.observation.output");
  if (input != nullptr || output != nullptr) {
    row.input = input == nullptr ? std::string{} : as_text(*input);
    row.output = output == nullptr ? std::string{} : as_text(*output);
    return {};
  }
  ForeignInputOutput foreign = foreign_input_output(span);
  row.input = as_text(foreign.input);
  row.output = as_text(foreign.output);
  return std::move(foreign.used_keys);
}

void set_model(const ReceivedSpan& span, ObservationRow& row) {
  const Attributes& attributes = span.attributes;
  // An agent's span repeats what the generations below it say.
  const std::string_view operation = text_attribute(attributes, "gen_ai.operation.name");
  const bool read_foreign = operation != "invoke_agent" && operation != "agent_step";
  row.model = first_text(attributes, "langfuse.observation.model.name");
  if (row.model.empty() && read_foreign) {
    row.model = foreign_model(attributes);
  }
  Json parameters = object_attribute(attributes, "langfuse.observation.model.parameters");
  if (parameters.empty() && read_foreign) {
    parameters = foreign_model_parameters(attributes);
  }
  for (const auto& [key, value] : parameters.items()) {
    const bool is_kept = value.is_string() || value.is_number_integer() ||
                         (value.is_number() && std::isfinite(value.get<double>()));
    row.model_parameters[key] = is_kept ? value : Json(to_text(value));
  }
  Json usage = object_attribute(attributes, "langfuse.observation.usage_details");
  Json cost = object_attribute(attributes, "langfuse.observation.cost_details");
  if (usage.empty() && read_foreign) {
    usage = foreign_usage(attributes);
  }
  if (cost.empty() && read_foreign) {
    cost = foreign_cost(attributes);
  }
  row.provided_usage_details = provided_usage(usage);
  row.usage_details = completed_usage(row.provided_usage_details);
  row.provided_cost_details = provided_cost(cost);
  row.cost_details = completed_cost(row.provided_cost_details);
}

void set_prompt(const Attributes& attributes, ObservationRow& row) {
  if (row.type != "GENERATION") {
    return;
  }
  row.prompt_name = first_text(attributes, "langfuse.observation.prompt.name");
  const std::string version = first_text(attributes, "langfuse.observation.prompt.version");
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(version.data(), version.data() + version.size(), number);
  if (code == std::errc{} && end == version.data() + version.size() && number >= 0 &&
      number <= 65535) {
    row.prompt_version = number;
  }
}

}  // namespace

ObservationRow to_observation(const ReceivedSpan& span, const Sender& sender,
                              std::int64_t now_unix_nano) {
  const Attributes& attributes = span.attributes;
  const Attributes& resource = span.origin->resource;
  ObservationRow row;
  row.trace_id = span.trace_id;
  row.span_id = span.span_id;
  row.parent_span_id = span.parent_span_id;
  row.name = first_text(attributes, "gen_ai.tool.name");
  if (row.name.empty()) {
    row.name = span.name;
  }
  row.type = type_of(attributes);
  row.level = level_of(span);
  row.status_message = first_text(attributes, "langfuse.observation.status_message");
  if (row.status_message.empty()) {
    row.status_message = span.status_message;
  }
  row.environment = normalize_environment(given_environment(span));
  row.version = first_text(attributes, "langfuse.version");
  if (row.version.empty()) {
    row.version = first_text(resource, "service.version");
  }
  row.release = first_text(attributes, "langfuse.release");
  if (row.release.empty()) {
    row.release = first_text(resource, "langfuse.release");
  }
  set_times(span, now_unix_nano, row);
  row.trace_name = first_text(attributes, "langfuse.trace.name");
  row.user_id = first_text(attributes, "langfuse.user.id", "user.id");
  row.session_id =
      first_text(attributes, "langfuse.session.id", "session.id", "gen_ai.conversation.id");
  row.tags = tags_of(attributes);
  row.is_public =
      is_true(attributes, "langfuse.trace.public") || is_true(attributes, "langfuse.public");
  row.is_app_root = is_true(attributes, "langfuse.internal.is_app_root");
  const std::vector<std::string> used_keys = set_input_output(span, row);
  row.metadata = metadata_of(span, used_keys);
  try {
    set_model(span, row);
  } catch (const std::out_of_range& error) {
    throw InvalidExport("Invalid OTLP trace export: span " + span.span_id + " (\"" +
                        std::string(cut_utf8(span.name, 80)) + "\"): " + error.what());
  }
  set_prompt(attributes, row);
  row.service_name = first_text(resource, "service.name");
  row.service_version = first_text(resource, "service.version");
  row.scope_name = span.origin->scope_name;
  row.scope_version = span.origin->scope_version;
  row.telemetry_sdk_language = first_text(resource, "telemetry.sdk.language");
  row.telemetry_sdk_name = first_text(resource, "telemetry.sdk.name");
  row.telemetry_sdk_version = first_text(resource, "telemetry.sdk.version");
  row.set_received(sender, now_unix_nano);
  row.warnings = lint(span, row);
  return row;
}

}  // namespace langfuse_receiver

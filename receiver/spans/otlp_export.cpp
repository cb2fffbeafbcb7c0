#include "receiver/spans/otlp_export.h"

#include <map>
#include <tuple>
#include <utility>

#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/span_conversion.h"
#include "receiver/spans/usage_details.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t nanoseconds_of_second = 1'000'000'000;

// What the conversion puts into the metadata on its own, under these names.
constexpr std::string_view resource_prefix = "resourceAttributes.";
constexpr std::string_view scope_prefix = "scope.";
constexpr std::string_view scope_attributes_prefix = "scope.attributes.";
constexpr std::string_view attributes_prefix = "attributes.";

// A row as OTLP, before it stands among others.
struct PlacedSpan {
  Json resource = Json::array();  // attributes
  Json scope = Json::object();
  Json span = Json::object();
};

void add_value(Json& attributes, std::string_view key, const std::string& value) {
  attributes.push_back({{"key", key}, {"value", {{"stringValue", value}}}});
}

void add_text(Json& attributes, std::string_view key, const std::string& value) {
  if (!value.empty()) {
    add_value(attributes, key, value);
  }
}

void add_json(Json& attributes, std::string_view key, const Json& value) {
  if (!value.empty()) {
    add_value(attributes, key, to_text(value));
  }
}

void add_true(Json& attributes, std::string_view key, bool value) {
  if (value) {
    attributes.push_back({{"key", key}, {"value", {{"boolValue", true}}}});
  }
}

// ISO 8601 with all nine digits.
std::string exact_time(std::int64_t unix_nano) {
  const std::int64_t fraction =
      (unix_nano % nanoseconds_of_second + nanoseconds_of_second) % nanoseconds_of_second;
  const std::string digits = std::to_string(nanoseconds_of_second + fraction).substr(1);
  return to_iso_time(unix_nano).substr(0, std::string("2026-08-06T07:06:40").size()) + "." +
         digits + "Z";
}

// Counts under OpenAI's names that were not read as OpenAI's, for a fraction beside them for
// instance: a key without a count, which is dropped, keeps them from being read so.
Json unmistakable_usage(Json usage) {
  if (is_openai_usage(usage)) {
    usage[""] = nullptr;
  }
  return usage;
}

Json own_attributes(const ObservationRow& row) {
  Json attributes = Json::array();
  add_text(attributes, "langfuse.observation.type", lowered(row.type));
  add_text(attributes, "langfuse.observation.level", row.level);
  add_text(attributes, "langfuse.observation.status_message", row.status_message);
  add_text(attributes, "langfuse.observation.input", row.input);
  add_text(attributes, "langfuse.observation.output", row.output);
  add_text(attributes, "langfuse.observation.model.name", row.model);
  add_json(attributes, "langfuse.observation.model.parameters", row.model_parameters);
  add_json(attributes, "langfuse.observation.usage_details",
           unmistakable_usage(row.provided_usage_details));
  add_json(attributes, "langfuse.observation.cost_details", row.provided_cost_details);
  add_text(attributes, "langfuse.observation.prompt.name", row.prompt_name);
  if (row.prompt_version) {
    attributes.push_back({{"key", "langfuse.observation.prompt.version"},
                          {"value", {{"intValue", std::to_string(*row.prompt_version)}}}});
  }
  if (row.completion_start_unix_nano) {
    add_text(attributes, "langfuse.observation.completion_start_time",
             exact_time(*row.completion_start_unix_nano));
  }
  add_text(attributes, "langfuse.trace.name", row.trace_name);
  add_text(attributes, "langfuse.user.id", row.user_id);
  add_text(attributes, "langfuse.session.id", row.session_id);
  add_json(attributes, "langfuse.trace.tags", row.tags);
  add_true(attributes, "langfuse.trace.public", row.is_public);
  add_true(attributes, "langfuse.internal.is_app_root", row.is_app_root);
  add_text(attributes, "langfuse.environment", row.environment);
  add_text(attributes, "langfuse.version", row.version);
  add_text(attributes, "langfuse.release", row.release);
  return attributes;
}

Json span_of(const ObservationRow& row) {
  Json span = {{"traceId", row.trace_id},
               {"spanId", row.span_id},
               {"name", row.name},
               {"kind", 1},
               {"startTimeUnixNano", std::to_string(row.start_unix_nano)},
               {"endTimeUnixNano", std::to_string(row.end_unix_nano)}};
  if (!row.parent_span_id.empty()) {
    span["parentSpanId"] = row.parent_span_id;
  }
  span["attributes"] = own_attributes(row);
  if (row.level == "ERROR") {
    span["status"] = {{"code", 2}, {"message", row.status_message}};
  }
  return span;
}

Json scope_of(const ObservationRow& row) {
  return {{"name", row.scope_name}, {"version", row.scope_version}};
}

// Metadata that the conversion took from the resource, the scope and the other attributes goes back
// to where it was, as far as its name tells.
PlacedSpan as_it_came(const ObservationRow& row) {
  PlacedSpan placed;
  placed.span = span_of(row);
  placed.scope = scope_of(row);
  Json scope_attributes = Json::array();
  const bool is_sdk = starts_with(row.scope_name, "langfuse-sdk");
  for (const auto& [key, value] : row.metadata.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
    const std::string_view name = key;
    if (starts_with(name, resource_prefix)) {
      add_value(placed.resource, name.substr(resource_prefix.size()), text);
    } else if (starts_with(name, scope_attributes_prefix)) {
      add_value(scope_attributes, name.substr(scope_attributes_prefix.size()), text);
    } else if (starts_with(name, scope_prefix)) {
      continue;  // its name and version, which the row has, too
    } else if (!is_sdk && starts_with(name, attributes_prefix)) {
      add_value(placed.span["attributes"], name.substr(attributes_prefix.size()), text);
    } else {
      add_value(placed.span["attributes"], "langfuse.observation.metadata." + key, text);
    }
  }
  placed.scope["attributes"] = std::move(scope_attributes);
  return placed;
}

// Where the conversion puts what it adds to the metadata. A value of the sender's own under such a
// name takes the place of all that, and stands where it would.
std::vector<const char*> added_names(const ObservationRow& row) {
  std::vector<const char*> names = {"resourceAttributes", "scope"};
  if (!starts_with(row.scope_name, "langfuse-sdk")) {
    names.push_back("attributes");
  }
  return names;
}

// All metadata as one object, which takes the place of what the conversion would add: for rows
// whose metadata has names that say something else than they seem to.
PlacedSpan spelled_out(const ObservationRow& row) {
  PlacedSpan placed;
  add_text(placed.resource, "service.name", row.service_name);
  add_text(placed.resource, "service.version", row.service_version);
  add_text(placed.resource, "telemetry.sdk.language", row.telemetry_sdk_language);
  add_text(placed.resource, "telemetry.sdk.name", row.telemetry_sdk_name);
  add_text(placed.resource, "telemetry.sdk.version", row.telemetry_sdk_version);
  placed.scope = scope_of(row);
  placed.span = span_of(row);
  Json metadata = Json::object();
  for (const char* name : added_names(row)) {
    metadata[name] = row.metadata.value(name, Json::object());
  }
  for (const auto& [key, value] : row.metadata.items()) {
    metadata[key] = value;
  }
  add_value(placed.span["attributes"], "langfuse.observation.metadata", to_text(metadata));
  return placed;
}

// All that a span can say.
auto said_by(const ObservationRow& row) {
  return std::tie(row.trace_id, row.span_id, row.parent_span_id, row.name, row.type, row.level,
                  row.status_message, row.environment, row.version, row.release,
                  row.start_unix_nano, row.end_unix_nano, row.completion_start_unix_nano,
                  row.trace_name, row.user_id, row.session_id, row.tags, row.is_public,
                  row.is_app_root, row.input, row.output, row.metadata, row.model,
                  row.model_parameters, row.provided_usage_details, row.usage_details,
                  row.provided_cost_details, row.cost_details, row.prompt_name, row.prompt_version,
                  row.service_name, row.service_version, row.scope_name, row.scope_version,
                  row.telemetry_sdk_language, row.telemetry_sdk_name, row.telemetry_sdk_version);
}

Json request_of(const PlacedSpan& placed) {
  Json scope_spans = {{"scope", placed.scope}};
  scope_spans["spans"] = Json::array({placed.span});
  Json resource_spans = Json::object();
  resource_spans["resource"]["attributes"] = placed.resource;
  resource_spans["scopeSpans"] = Json::array({scope_spans});
  Json request = Json::object();
  request["resourceSpans"] = Json::array({resource_spans});
  return request;
}

// Whether the same row is made of it again.
bool comes_back(const ObservationRow& row, const PlacedSpan& placed) {
  for (const char* name : added_names(row)) {
    if (row.metadata.contains(name)) {
      return false;
    }
  }
  const std::vector<ReceivedSpan> spans = decode_otlp_request(request_of(placed));
  const ObservationRow again = to_observation(spans.front(), Sender{}, row.created_unix_nano);
  return said_by(row) == said_by(again);
}

}  // namespace

Json otlp_request(const std::vector<ObservationRow>& rows) {
  // By resource and scope, as their texts.
  std::map<std::string, std::map<std::string, Json>> spans;
  for (const ObservationRow& row : rows) {
    PlacedSpan placed = as_it_came(row);
    if (!comes_back(row, placed)) {
      placed = spelled_out(row);
    }
    spans[to_text(placed.resource)][to_text(placed.scope)].push_back(std::move(placed.span));
  }
  Json request = Json::object();
  request["resourceSpans"] = Json::array();
  for (auto& [resource, scopes] : spans) {
    Json resource_spans = Json::object();
    resource_spans["resource"]["attributes"] = parse_json(resource).value_or(Json::array());
    resource_spans["scopeSpans"] = Json::array();
    for (auto& [scope, list] : scopes) {
      Json scope_spans = Json::object();
      scope_spans["scope"] = parse_json(scope).value_or(Json::object());
      scope_spans["spans"] = std::move(list);
      resource_spans["scopeSpans"].push_back(std::move(scope_spans));
    }
    request["resourceSpans"].push_back(std::move(resource_spans));
  }
  return request;
}

}  // namespace langfuse_receiver

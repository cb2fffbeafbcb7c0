#include "receiver/otlp_export.h"

#include <map>

#include "receiver/iso_time.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t nanoseconds_of_second = 1'000'000'000;

void add_text(Json& attributes, const std::string& key, const std::string& value) {
  if (!value.empty()) {
    attributes.push_back({{"key", key}, {"value", {{"stringValue", value}}}});
  }
}

void add_json(Json& attributes, const std::string& key, const Json& value) {
  if (!value.empty()) {
    add_text(attributes, key, to_text(value));
  }
}

void add_true(Json& attributes, const std::string& key, bool value) {
  if (value) {
    attributes.push_back({{"key", key}, {"value", {{"boolValue", true}}}});
  }
}

// The rest of `text` behind `prefix`; empty if it does not begin so.
std::string behind(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0 ? text.substr(prefix.size()) : std::string{};
}

// ISO 8601 with all nine digits.
std::string exact_time(std::int64_t unix_nano) {
  const std::int64_t fraction =
      (unix_nano % nanoseconds_of_second + nanoseconds_of_second) % nanoseconds_of_second;
  const std::string digits = std::to_string(nanoseconds_of_second + fraction).substr(1);
  return to_iso_time(unix_nano).substr(0, std::string("2026-08-06T07:06:40").size()) + "." +
         digits + "Z";
}

// The conversion has put resource, scope and attributes into the metadata; they go back to where
// they were.
struct Origin {
  Json resource = Json::array();
  Json scope = Json::object();
};

Origin origin_of(const ObservationRow& row) {
  Origin origin;
  Json scope_attributes = Json::array();
  for (const auto& [key, value] : row.metadata.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
    add_text(origin.resource, behind(key, "resourceAttributes."),
             behind(key, "resourceAttributes.").empty() ? std::string{} : text);
    add_text(scope_attributes, behind(key, "scope.attributes."),
             behind(key, "scope.attributes.").empty() ? std::string{} : text);
  }
  origin.scope = {{"name", row.scope_name}, {"version", row.scope_version}};
  origin.scope["attributes"] = std::move(scope_attributes);
  return origin;
}

void add_metadata(const ObservationRow& row, Json& attributes) {
  const bool is_sdk = !behind(row.scope_name + " ", "langfuse-sdk").empty();
  for (const auto& [key, value] : row.metadata.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
    const std::string plain = is_sdk ? std::string{} : behind(key, "attributes.");
    const bool is_origin =
        !behind(key, "resourceAttributes.").empty() || !behind(key, "scope.").empty();
    if (!plain.empty()) {
      attributes.push_back({{"key", plain}, {"value", {{"stringValue", text}}}});
    } else if (!is_origin) {
      attributes.push_back(
          {{"key", "langfuse.observation.metadata." + key}, {"value", {{"stringValue", text}}}});
    }
  }
}

Json attributes_of(const ObservationRow& row) {
  Json attributes = Json::array();
  std::string type;
  for (const char c : row.type) {
    type += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  add_text(attributes, "langfuse.observation.type", type);
  add_text(attributes, "langfuse.observation.level", row.level);
  add_text(attributes, "langfuse.observation.status_message", row.status_message);
  add_text(attributes, "langfuse.observation.input", row.input);
  add_text(attributes, "langfuse.observation.output", row.output);
  add_text(attributes, "langfuse.observation.model.name", row.model);
  add_json(attributes, "langfuse.observation.model.parameters", row.model_parameters);
  add_json(attributes, "langfuse.observation.usage_details", row.provided_usage_details);
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
  add_metadata(row, attributes);
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
  span["attributes"] = attributes_of(row);
  if (row.level == "ERROR") {
    span["status"] = {{"code", 2}, {"message", row.status_message}};
  }
  return span;
}

}  // namespace

Json otlp_request(const std::vector<ObservationRow>& rows) {
  // By resource and scope, as their texts.
  std::map<std::string, std::map<std::string, Json>> spans;
  for (const ObservationRow& row : rows) {
    const Origin origin = origin_of(row);
    Json& list = spans[to_text(origin.resource)][to_text(origin.scope)];
    list.push_back(span_of(row));
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

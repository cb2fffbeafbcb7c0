// Builds OTLP exports for the tests: spans as JSON, and the same message as protobuf.

#pragma once

#include <cstdint>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "receiver/base/json_text.h"

namespace langfuse_test {

using langfuse_receiver::Json;

inline constexpr std::int64_t start_unix_nano = 1'786'000'000'000'000'000;

inline Json attribute(const std::string& key, const Json& value) {
  Json any = Json::object();
  if (value.is_string()) {
    any["stringValue"] = value;
  } else if (value.is_boolean()) {
    any["boolValue"] = value;
  } else if (value.is_number_integer()) {
    any["intValue"] = value;
  } else if (value.is_number()) {
    any["doubleValue"] = value;
  } else {
    any = value;  // an AnyValue as it is
  }
  Json pair = Json::object();
  pair["key"] = key;
  pair["value"] = any;
  return pair;
}

using AttributeList = std::vector<std::pair<std::string, Json>>;

inline Json attribute_array(const AttributeList& list) {
  Json array = Json::array();
  for (const auto& [key, value] : list) {
    array.push_back(attribute(key, value));
  }
  return array;
}

// A span of trace `0af7651916cd43dd8448eb211c80319c` that lasts one second.
inline Json span(const std::string& span_id, const std::string& name,
                 const AttributeList& attributes = {}) {
  Json json = Json::object();
  json["traceId"] = "0af7651916cd43dd8448eb211c80319c";
  json["spanId"] = span_id;
  json["name"] = name;
  json["startTimeUnixNano"] = std::to_string(start_unix_nano);
  json["endTimeUnixNano"] = std::to_string(start_unix_nano + 1'000'000'000);
  json["attributes"] = attribute_array(attributes);
  return json;
}

inline Json export_of(const std::vector<Json>& spans, const AttributeList& resource = {},
                      const std::string& scope_name = "langfuse-sdk") {
  Json scope_spans = Json::object();
  scope_spans["scope"] = Json::object();
  scope_spans["scope"]["name"] = scope_name;
  scope_spans["scope"]["version"] = "0.1.0";
  scope_spans["spans"] = Json::array();
  for (const Json& one : spans) {
    scope_spans["spans"].push_back(one);
  }
  Json resource_spans = Json::object();
  resource_spans["resource"] = Json::object();
  resource_spans["resource"]["attributes"] = attribute_array(resource);
  resource_spans["scopeSpans"] = Json::array();
  resource_spans["scopeSpans"].push_back(scope_spans);
  Json request = Json::object();
  request["resourceSpans"] = Json::array();
  request["resourceSpans"].push_back(resource_spans);
  return request;
}

// ---- the same in protobuf

inline std::string bytes_from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

inline std::string any_value_bytes(const Json& value) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  if (value.contains("stringValue")) {
    writer.add_string(1, value["stringValue"].get<std::string>());
  } else if (value.contains("boolValue")) {
    writer.add_bool(2, value["boolValue"].get<bool>());
  } else if (value.contains("intValue")) {
    writer.add_int64(3, value["intValue"].get<std::int64_t>());
  } else if (value.contains("doubleValue")) {
    writer.add_double(4, value["doubleValue"].get<double>());
  } else if (value.contains("arrayValue")) {
    std::string array;
    protozero::pbf_writer array_writer(array);
    for (const Json& element : value["arrayValue"].value("values", Json::array())) {
      array_writer.add_message(1, any_value_bytes(element));
    }
    writer.add_message(5, array);
  }
  return bytes;
}

inline void add_attributes(protozero::pbf_writer& writer, protozero::pbf_tag_type tag,
                           const Json& holder) {
  if (!holder.contains("attributes")) {
    return;
  }
  for (const Json& pair : holder["attributes"]) {
    std::string bytes;
    protozero::pbf_writer pair_writer(bytes);
    pair_writer.add_string(1, pair["key"].get<std::string>());
    if (pair.contains("value")) {
      pair_writer.add_message(2, any_value_bytes(pair["value"]));
    }
    writer.add_message(tag, bytes);
  }
}

inline std::string span_bytes(const Json& json) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_bytes(1, bytes_from_hex(json.value("traceId", "")));
  writer.add_bytes(2, bytes_from_hex(json.value("spanId", "")));
  writer.add_bytes(4, bytes_from_hex(json.value("parentSpanId", "")));
  writer.add_string(5, json.value("name", ""));
  writer.add_fixed64(7, std::stoull(json.value("startTimeUnixNano", "0")));
  writer.add_fixed64(8, std::stoull(json.value("endTimeUnixNano", "0")));
  add_attributes(writer, 9, json);
  if (json.contains("status")) {
    std::string status;
    protozero::pbf_writer status_writer(status);
    status_writer.add_string(2, json["status"].value("message", ""));
    status_writer.add_enum(3, json["status"].value("code", 0));
    writer.add_message(15, status);
  }
  return bytes;
}

// Lists come before what describes them, which protobuf allows and few encoders do.
inline std::string protobuf_of(const Json& request) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  for (const Json& resource_spans : request["resourceSpans"]) {
    std::string resource_bytes;
    protozero::pbf_writer resource_writer(resource_bytes);
    for (const Json& scope_spans : resource_spans["scopeSpans"]) {
      std::string scope_bytes;
      protozero::pbf_writer scope_writer(scope_bytes);
      for (const Json& one : scope_spans["spans"]) {
        scope_writer.add_message(2, span_bytes(one));
      }
      std::string scope;
      protozero::pbf_writer inner(scope);
      inner.add_string(1, scope_spans["scope"].value("name", ""));
      inner.add_string(2, scope_spans["scope"].value("version", ""));
      add_attributes(inner, 3, scope_spans["scope"]);
      scope_writer.add_message(1, scope);
      resource_writer.add_message(2, scope_bytes);
    }
    std::string resource;
    protozero::pbf_writer inner(resource);
    add_attributes(inner, 1, resource_spans["resource"]);
    resource_writer.add_message(1, resource);
    writer.add_message(1, resource_bytes);
  }
  return bytes;
}

}  // namespace langfuse_test

#include "tests/parity/statements.h"

#include <set>

namespace langfuse::internal {
namespace {

using Json = nlohmann::json;

constexpr const char* not_stated = "-";

// An object or an array with sorted keys; any other text as it is.
std::string canonical(const std::string& text) {
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return text;
  const Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? text : json.dump();
}

// An `AnyValue`; strings without quotes.
std::string text_of_value(const Json& value) {
  if (value.contains("stringValue")) return canonical(value["stringValue"].get<std::string>());
  if (value.contains("arrayValue")) {
    Json array = Json::array();
    for (const Json& element : value["arrayValue"]["values"]) {
      array.push_back(text_of_value(element));
    }
    return array.dump();
  }
  return value.begin()->dump();
}

// The same of what protobuf read.
std::string text_of_value(const DecodedSpan& span, const std::string& key) {
  const std::string value = span.attribute(key);
  return value.front() == '"' ? canonical(span.text(key)) : canonical(value);
}

// One span with its attributes as text, whoever sent it.
struct Span {
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id;
  std::string name;
  int kind = 0;
  int status = 0;
  std::string status_message;
  bool has_duration = false;
  std::map<std::string, std::string> attributes;
};

std::vector<Span> spans_of(const Json& body) {
  std::vector<Span> spans;
  for (const Json& span : body["resourceSpans"][0]["scopeSpans"][0]["spans"]) {
    Span read{span["traceId"],
              span["spanId"],
              span.value("parentSpanId", ""),
              span["name"],
              span["kind"],
              span["status"].value("code", 0),
              span["status"].value("message", ""),
              span["startTimeUnixNano"] != span["endTimeUnixNano"],
              {}};
    for (const Json& attribute : span["attributes"]) {
      read.attributes[attribute["key"]] = text_of_value(attribute["value"]);
    }
    spans.push_back(std::move(read));
  }
  return spans;
}

std::vector<Span> spans_of(const DecodedBatch& body) {
  std::vector<Span> spans;
  for (const DecodedSpan& span : body.spans) {
    Span read{span.trace_id,
              span.span_id,
              span.parent_span_id,
              span.name,
              span.kind,
              0,
              "",
              span.start_unix_nano != span.end_unix_nano,
              {}};
    for (const auto& [code, message] : span.statuses) {
      read.status = code;
      read.status_message = message;
    }
    for (const auto& attribute : span.attributes) {
      read.attributes[attribute.first] = text_of_value(span, attribute.first);
    }
    spans.push_back(std::move(read));
  }
  return spans;
}

std::map<std::string, std::string> names_of(const std::vector<Span>& spans) {
  std::map<std::string, std::string> names;
  for (const Span& span : spans) {
    names[span.span_id] = span.name;
    if (span.parent_span_id.empty()) names[span.trace_id] = "trace of " + span.name;
  }
  return names;
}

Statements statements_of(const std::vector<Span>& spans) {
  const std::map<std::string, std::string> names = names_of(spans);
  Statements statements;
  for (const Span& span : spans) {
    std::map<std::string, std::string>& said = statements[span.name];
    said = span.attributes;
    said["(trace)"] = names.at(span.trace_id);
    if (!span.parent_span_id.empty()) said["(parent)"] = names.at(span.parent_span_id);
    said["(kind)"] = std::to_string(span.kind);
    said["(status)"] = std::to_string(span.status);
    if (!span.status_message.empty()) said["(status message)"] = span.status_message;
    said["(has a duration)"] = span.has_duration ? "yes" : "no";
  }
  return statements;
}

// `key = "value"` lines, as `DecodedBatch` has them.
std::map<std::string, std::string> lines_as_map(const std::string& lines) {
  std::map<std::string, std::string> map;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    const std::string line = lines.substr(at, end - at);
    const std::size_t equals = line.find(" = ");
    const std::string value = line.substr(equals + 3);
    map[line.substr(0, equals)] = value.front() == '"' ? value.substr(1, value.size() - 2) : value;
    at = end + 1;
  }
  return map;
}

}  // namespace

Statements statements_of_export(const Json& body) {
  Statements statements = statements_of(spans_of(body));
  for (const Json& attribute : body["resourceSpans"][0]["resource"]["attributes"]) {
    statements["resource"][attribute["key"]] = text_of_value(attribute["value"]);
  }
  const Json& scope = body["resourceSpans"][0]["scopeSpans"][0]["scope"];
  statements["scope"] = {{"(name)", scope["name"]}, {"(version)", scope["version"]}};
  return statements;
}

Statements statements_of_export(const DecodedBatch& body) {
  Statements statements = statements_of(spans_of(body));
  statements["resource"] = lines_as_map(body.resource);
  // The first line has name and version.
  const std::size_t line_end = body.scope.find('\n');
  const std::size_t space = body.scope.find(' ');
  statements["scope"] = lines_as_map(body.scope.substr(line_end + 1));
  statements["scope"]["(name)"] = body.scope.substr(0, space);
  statements["scope"]["(version)"] = body.scope.substr(space + 1, line_end - space - 1);
  return statements;
}

Statements statements_of_scores(const Json& body, const std::map<std::string, std::string>& names) {
  Statements statements;
  for (const Json& event : body["batch"]) {
    std::map<std::string, std::string>& said =
        statements["score " + event["body"]["name"].get<std::string>()];
    said["(type)"] = event["type"];
    said["(ids)"] = event["id"] != event["body"]["id"] ? "two" : "one";
    for (const auto& [key, value] : event["body"].items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      const bool is_reference = key == "traceId" || key == "observationId";
      if (key != "id") said[key] = is_reference ? names.at(text) : text;
    }
  }
  return statements;
}

std::map<std::string, std::string> names_in_export(const Json& body) {
  return names_of(spans_of(body));
}

std::map<std::string, std::string> names_in_export(const DecodedBatch& body) {
  return names_of(spans_of(body));
}

std::vector<Difference> differences(const Statements& theirs, const Statements& ours) {
  const auto value_in = [](const Statements& statements, const std::string& subject,
                           const std::string& key) -> std::string {
    const auto found = statements.find(subject);
    if (found == statements.end()) return not_stated;
    const auto value = found->second.find(key);
    return value == found->second.end() ? not_stated : value->second;
  };
  std::set<Difference> found;
  for (const Statements* statements : {&theirs, &ours}) {
    for (const auto& [subject, said] : *statements) {
      for (const auto& entry : said) {
        Difference difference{subject, entry.first, value_in(theirs, subject, entry.first),
                              value_in(ours, subject, entry.first)};
        if (difference.theirs != difference.ours) found.insert(std::move(difference));
      }
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace langfuse::internal

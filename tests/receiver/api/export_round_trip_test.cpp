// Export and import are the identity: thousands of spans with names and values that somebody chose
// to make it another thing, the same ones each time.

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "receiver/api/read_api.h"
#include "receiver/api/trace_export.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/span_conversion.h"
#include "receiver/store/store.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::Sender;
using langfuse_receiver::Store;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// Names of metadata, of attributes, and of what the conversion adds.
const std::vector<std::string>& names() {
  static const std::vector<std::string> list = {
      "scope",
      "scope.",
      "scope.x",
      "scope.name",
      "scope.version",
      "scope.attributes",
      "scope.attributes.y",
      "scopeless",
      "resourceAttributes",
      "resourceAttributes.",
      "resourceAttributes.service.name",
      "resourceAttributes.x",
      "attributes",
      "attributes.",
      "attributes.http.method",
      "attributes.input.value",
      "attributes.user.id",
      "attributes.langfuse.observation.type",
      "attributes.gen_ai.tool.name",
      "langfuse.observation.metadata",
      "langfuse.observation.metadata.k",
      "metadata",
      "",
      ".",
      "..",
      "a",
      "a.b",
      "a.",
      ".a",
      "0",
      "__proto__",
      "key \"quoted\" \\ and\nbroken",
      std::string("nul\0inside", 10),
      "\xF0\x9F\xA6\x84",
      "caf\xC3\xA9",
  };
  return list;
}

const std::vector<std::string>& attribute_names() {
  static const std::vector<std::string> list = {
      "langfuse.observation.status_message",
      "langfuse.observation.input",
      "langfuse.observation.output",
      "langfuse.observation.model.name",
      "langfuse.observation.prompt.name",
      "langfuse.trace.name",
      "langfuse.user.id",
      "langfuse.session.id",
      "langfuse.environment",
      "langfuse.version",
      "langfuse.release",
      "langfuse.trace.tags",
      "langfuse.tags",
      "langfuse.trace.public",
      "langfuse.unknown",
      "user.id",
      "session.id",
      "gen_ai.conversation.id",
      "gen_ai.tool.name",
      "gen_ai.request.model",
      "gen_ai.request.temperature",
      "gen_ai.usage.input_tokens",
      "gen_ai.input.messages",
      "gen_ai.system_instructions",
      "llm.invocation_parameters",
      "llm.token_count.prompt",
      "openinference.span.kind",
      "input.value",
      "output",
      "model",
      "service.name",
      "service.version",
      "deployment.environment",
      "telemetry.sdk.name",
      "http.method",
  };
  return list;
}

class Spans {
 public:
  Json next() {
    Json one = langfuse_test::span(hex(16), text());
    one["traceId"] = "0af7651916cd43dd8448eb211c8031" + std::to_string(10 + below(40));
    if (one_of(2)) {
      one["parentSpanId"] = hex(16);
    }
    one["startTimeUnixNano"] = std::to_string(time());
    one["endTimeUnixNano"] = std::to_string(time());
    one["attributes"] = attributes();
    if (one_of(3)) {
      one["status"] = {{"code", below(3)}, {"message", text()}};
    }
    return one;
  }

  Json request() {
    const std::vector<std::string> scopes = {"langfuse-sdk", "langfuse-sdk.more", "my.library", ""};
    Json request =
        langfuse_test::export_of({next(), next()}, some_attributes(), scopes[below(scopes.size())]);
    Json& scope = request["resourceSpans"][0]["scopeSpans"][0]["scope"];
    scope["version"] = text();
    scope["attributes"] = langfuse_test::attribute_array(some_attributes());
    return request;
  }

 private:
  // Not a distribution of the standard library: those differ from one to another.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  bool one_of(std::size_t number) { return below(number) == 0; }

  std::string hex(std::size_t digits) {
    std::string id;
    while (id.size() < digits) {
      id += "0123456789abcdef"[below(16)];
    }
    return id;
  }

  std::int64_t time() {
    const std::vector<std::int64_t> times = {
        0,
        1,
        -1,
        999'999,
        langfuse_test::start_unix_nano + static_cast<std::int64_t>(below(5000)),
        most,
        most - 1,
        9'214'646'400'123'456'789};
    return times[below(times.size())];
  }

  std::string text() {
    const std::vector<std::string> texts = {"",
                                            "text",
                                            "null",
                                            "true",
                                            "5",
                                            "1e999",
                                            "{}",
                                            "[]",
                                            "\"quoted\"",
                                            "a\nb\t\x01\x7F",
                                            R"({"scope":{"x":1},"attributes":{"y":"z"}})",
                                            R"([{"role":"user"}])",
                                            R"("\ud83e")",
                                            std::string("nul\0inside", 10),
                                            "caf\xC3\xA9 \xF0\x9F\xA6\x84",
                                            "langfuse-Staging",
                                            "2262-04-11T23:47:16.854775807Z",
                                            "GENERATION",
                                            "chat",
                                            "invoke_agent",
                                            "LLM"};
    return texts[below(texts.size())];
  }

  Json value() {
    switch (below(8)) {
      case 0:
        return static_cast<std::int64_t>(below(100)) - 50;
      case 1:
        return 0.5;
      case 2:
        return one_of(2);
      case 3:
        return Json::parse(
            R"({"arrayValue":{"values":[{"stringValue":"a"},{"intValue":1},{"boolValue":true}]}})");
      case 4:
        return Json::parse(R"({"kvlistValue":{"values":[{"key":"k"}]}})");
      default:
        return text();
    }
  }

  // A JSON object as text, with texts and objects in it.
  std::string object() {
    Json object = Json::object();
    for (std::size_t i = below(5); i > 0; --i) {
      Json& member = object[names()[below(names().size())]];
      if (one_of(3)) {
        member = Json::object();
        member[names()[below(names().size())]] = text();
        member[names()[below(names().size())]] = Json::array({1, text()});
      } else {
        member = one_of(4) ? Json(0.25) : Json(text());
      }
    }
    return langfuse_receiver::to_text(object);
  }

  std::string usage() {
    const std::vector<std::string> usages = {
        R"({"input":3,"output":4})",
        R"({"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})",
        R"({"prompt_tokens":1.0,"completion_tokens":2,"total_tokens":3})",
        R"({"prompt_tokens":"1","completion_tokens":2,"total_tokens":3})",
        R"({"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"x":0.5})",
        R"({"input_tokens":1,"output_tokens":2,"total_tokens":9223372036854775807,"y":null})",
        R"({"":5,"input":1e999,"\ud83e":2})",
        R"({"input":-1})",
        "{}"};
    return usages[below(usages.size())];
  }

  langfuse_test::AttributeList some_attributes() {
    langfuse_test::AttributeList list;
    for (std::size_t i = below(5); i > 0; --i) {
      const std::vector<std::string>& from = one_of(2) ? names() : attribute_names();
      list.emplace_back(from[below(from.size())], value());
    }
    return list;
  }

  Json attributes() {
    langfuse_test::AttributeList list = some_attributes();
    for (const char* family : {"langfuse.observation.metadata", "langfuse.trace.metadata",
                               "langfuse.metadata", "langfuse.observation.model.parameters"}) {
      if (one_of(4)) {
        list.emplace_back(family, object());
      }
      if (one_of(3)) {
        list.emplace_back(std::string(family) + "." + names()[below(names().size())], value());
      }
    }
    if (one_of(2)) {
      const std::vector<std::string> types = {"span", "generation", "event", "tool", "embedding"};
      list.emplace_back("langfuse.observation.type", types[below(types.size())]);
    }
    if (one_of(2)) {
      const std::vector<std::string> levels = {"DEBUG", "DEFAULT", "WARNING", "ERROR", "trace"};
      list.emplace_back("langfuse.observation.level", levels[below(levels.size())]);
    }
    if (one_of(3)) {
      list.emplace_back("langfuse.observation.usage_details", usage());
    }
    if (one_of(4)) {
      list.emplace_back("langfuse.observation.cost_details",
                        R"({"input":0.1,"x":-0.0,"y":1e-300,"z":1e999,"t":"0.5"})");
    }
    if (one_of(4)) {
      list.emplace_back("langfuse.observation.model.parameters",
                        R"({"t":1e999,"n":18446744073709551615,"b":true,"l":[1],"":"x","f":1.0})");
    }
    if (one_of(4)) {
      list.emplace_back("langfuse.observation.prompt.version", static_cast<int>(below(70'000)));
    }
    if (one_of(3)) {
      list.emplace_back(
          "langfuse.observation.completion_start_time",
          one_of(2) ? "\"2026-08-06T07:06:40.000Z\"" : "2262-04-11T23:47:16.854775807Z");
    }
    return langfuse_test::attribute_array(list);
  }

  std::mt19937_64 random_{20'261'201};
};

void receive(const std::string& body, Store& store) {
  std::vector<ObservationRow> rows;
  for (const auto& span : langfuse_receiver::decode_otlp_json(body)) {
    rows.push_back(langfuse_receiver::to_observation(span, Sender{}, 1));
  }
  store.put(rows);
}

std::string exported(Store& store) {
  HttpRequest request;
  request.query = {{"trace", "all"}, {"format", "otlp"}};
  const HttpResponse response = langfuse_receiver::export_traces(request, store);
  std::string all;
  while (const auto piece = response.next_piece()) {
    all += *piece;
  }
  return all;
}

// The order of names is not compared here: the second export has it.
Json sorted(const Json& metadata) {
  std::map<std::string, Json> by_name;
  for (const auto& [name, value] : metadata.items()) {
    by_name[name] = value;
  }
  return by_name;
}

// The observations as the API shows them, one a line.
std::vector<std::string> shown(Store& store) {
  langfuse_receiver::ObservationQuery query;
  query.limit = 1'000'000;
  std::vector<std::string> lines;
  for (const ObservationRow& row : store.find(query)) {
    Json json = langfuse_receiver::observation_json(row);
    json["metadata"] = sorted(json["metadata"]);
    json["exactTimes"] = {row.start_unix_nano, row.end_unix_nano,
                          row.completion_start_unix_nano.value_or(-1)};
    json["origin"] = {row.service_name,         row.service_version,    row.scope_name,
                      row.scope_version,        row.telemetry_sdk_name, row.provided_usage_details,
                      row.provided_cost_details};
    lines.push_back(langfuse_receiver::to_text(json));
  }
  return lines;
}

void import_into(Store& store, const std::string& lines) {
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    receive(line, store);
  }
}

TEST(ExportRoundTrip, IsTheIdentityWhateverTheSpansSay) {
  constexpr int requests = 400;
  Store first("");
  Spans spans;
  for (int i = 0; i < requests; ++i) {
    receive(langfuse_receiver::to_text(spans.request()), first);
  }
  const std::string lines = exported(first);

  Store second("");
  import_into(second, lines);

  const std::vector<std::string> before = shown(first);
  const std::vector<std::string> after = shown(second);
  ASSERT_EQ(before.size(), 2U * requests);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    ASSERT_EQ(before[i], after[i]);
  }
  EXPECT_EQ(exported(second), lines);
}

}  // namespace

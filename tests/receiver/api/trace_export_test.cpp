#include "receiver/api/trace_export.h"

#include <gtest/gtest.h>

#include <sstream>

#include "receiver/api/chrome_export.h"
#include "receiver/spans/otlp_export.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/span_conversion.h"
#include "tests/receiver/rows/observation_rows.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::export_traces;
using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::Sender;
using langfuse_receiver::Store;
using langfuse_test::observation;

std::vector<ObservationRow> received(const std::string& body) {
  std::vector<ObservationRow> rows;
  for (const auto& span : langfuse_receiver::decode_otlp_json(body)) {
    rows.push_back(langfuse_receiver::to_observation(span, Sender{}, 1));
  }
  return rows;
}

// What is compared of a row: all that a span can say.
std::string text_of(const ObservationRow& row) {
  std::ostringstream text;
  for (const std::string* field : {&row.trace_id,
                                   &row.span_id,
                                   &row.parent_span_id,
                                   &row.name,
                                   &row.type,
                                   &row.level,
                                   &row.status_message,
                                   &row.environment,
                                   &row.version,
                                   &row.release,
                                   &row.trace_name,
                                   &row.user_id,
                                   &row.session_id,
                                   &row.input,
                                   &row.output,
                                   &row.model,
                                   &row.prompt_name,
                                   &row.service_name,
                                   &row.service_version,
                                   &row.scope_name,
                                   &row.scope_version,
                                   &row.telemetry_sdk_name}) {
    text << *field << "|";
  }
  Json metadata = Json::object();  // the order of keys is not compared
  std::map<std::string, std::string> sorted;
  for (const auto& [key, value] : row.metadata.items()) {
    sorted[key] = value.get<std::string>();
  }
  for (const auto& [key, value] : sorted) {
    text << "\n  " << key << "=" << value;
  }
  text << "\n"
       << row.tags << row.model_parameters << row.usage_details << row.cost_details << "|"
       << row.start_unix_nano << "|" << row.end_unix_nano << "|"
       << row.completion_start_unix_nano.value_or(0) << "|" << row.prompt_version.value_or(-1)
       << "|" << row.is_public << row.is_app_root;
  return text.str();
}

void expect_same_after_export(const Json& request) {
  const std::vector<ObservationRow> rows = received(request.dump());
  const std::vector<ObservationRow> again = received(otlp_request(rows).dump());

  ASSERT_EQ(rows.size(), again.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(text_of(rows[i]), text_of(again[i]));
  }
}

TEST(OtlpExport, ASpanOfAnSdkComesBackAsItWas) {
  Json span = langfuse_test::span(
      "b7ad6b7169203331", "generate",
      {{"langfuse.observation.type", "generation"},
       {"langfuse.observation.level", "WARNING"},
       {"langfuse.observation.status_message", "slow"},
       {"langfuse.observation.input", R"([{"role":"user","content":"hi \u00e4"}])"},
       {"langfuse.observation.output", "hello"},
       {"langfuse.observation.model.name", "qwen3-8b"},
       {"langfuse.observation.model.parameters", R"({"temperature":0.5,"stop":["a"]})"},
       {"langfuse.observation.usage_details", R"({"input":3,"output":4})"},
       {"langfuse.observation.cost_details", R"({"input":0.5,"output":0.25})"},
       {"langfuse.observation.prompt.name", "reply"},
       {"langfuse.observation.prompt.version", 7},
       {"langfuse.observation.completion_start_time", "\"2026-08-06T07:06:40.123456789Z\""},
       {"langfuse.observation.metadata", R"({"a":{"b":1},"attributes":{"c":"d"}})"},
       {"langfuse.observation.metadata.plain", "text"},
       {"langfuse.trace.name", "order"},
       {"user.id", "ada"},
       {"session.id", "s1"},
       {"langfuse.trace.tags", R"(["x","y"])"},
       {"langfuse.trace.public", true},
       {"langfuse.internal.is_app_root", true},
       {"langfuse.environment", "staging"},
       {"langfuse.release", "r1"},
       {"langfuse.version", "v1"}});
  span["parentSpanId"] = "b7ad6b7169203330";

  expect_same_after_export(langfuse_test::export_of(
      {span, langfuse_test::span("b7ad6b7169203330", "root")},
      {{"service.name", "shop"}, {"service.version", "2"}, {"telemetry.sdk.name", "otel"}}));
}

TEST(OtlpExport, ASpanOfAnotherLibraryComesBackAsItWas) {
  Json span = langfuse_test::span("b7ad6b7169203331", "chat",
                                  {{"gen_ai.operation.name", "chat"},
                                   {"gen_ai.request.model", "gpt"},
                                   {"gen_ai.usage.input_tokens", 5},
                                   {"input.value", "question"},
                                   {"http.method", "POST"},
                                   {"number", 1.5}});
  span["status"] = {{"code", 2}, {"message", "broke"}};

  expect_same_after_export(
      langfuse_test::export_of({span}, {{"service.name", "shop"}}, "some.library"));
}

class Export : public ::testing::Test {
 protected:
  HttpResponse answer(const std::string& trace, const std::string& format) {
    HttpRequest request;
    request.query = {{"trace", trace}, {"format", format}};
    return export_traces(request, store_);
  }
  std::string text(const std::string& trace, const std::string& format) {
    const HttpResponse response = answer(trace, format);
    std::string all;
    while (const auto piece = response.next_piece()) {
      all += *piece;
    }
    return all;
  }

  Store store_{""};
};

TEST_F(Export, AllTracesComeWholeInRequestsOfBoundedSize) {
  std::vector<ObservationRow> rows;
  for (int i = 0; i < 450; ++i) {
    rows.push_back(observation(i % 2 == 0 ? "aa" : "bb", "0" + std::to_string(i), i));
    rows.back().input = std::string(100'000, 'x');
  }
  store_.put(rows);

  std::istringstream lines(text("all", "otlp"));
  std::size_t spans = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LT(line.size(), 3'000'000U);
    spans += received(line).size();
  }

  EXPECT_EQ(spans, rows.size());
}

TEST_F(Export, OneTraceIsWithoutTheOthers) {
  store_.put({observation("aa", "01"), observation("bb", "02")});

  const std::string line = text("bb", "otlp");

  EXPECT_EQ(received(line).size(), 1U);
  EXPECT_EQ(received(line)[0].span_id, "02");
}

TEST_F(Export, ChromeGetsPairsWithTheSpansIdAndLinesOnTheirParent) {
  ObservationRow line = observation("aa", "02", 5);
  line.type = "EVENT";
  line.parent_span_id = "01";
  store_.put({observation("aa", "01"), line});

  const Json events = Json::parse(text("all", "chrome"))["traceEvents"];

  ASSERT_EQ(events.size(), 4U);
  std::string phases;
  for (const Json& event : events) {
    phases += event["ph"].get<std::string>();
    if (event["ph"] != "M") {
      EXPECT_EQ(event["id2"]["local"], "0x01");
    }
  }
  EXPECT_EQ(phases, "Mnbe");
}

TEST_F(Export, AnEmptyDatabaseIsAValidFile) {
  EXPECT_EQ(text("all", "otlp"), "");
  EXPECT_EQ(Json::parse(text("all", "chrome"))["traceEvents"].size(), 0U);
}

TEST_F(Export, WhatIsNotThereOrNotKnownIsRefused) {
  EXPECT_EQ(answer("aa", "otlp").status, 404);
  EXPECT_EQ(answer("", "otlp").status, 400);
  EXPECT_EQ(answer("all", "csv").status, 400);
}

}  // namespace

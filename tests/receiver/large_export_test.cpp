// What a client sends costs time and memory in its size, whatever it looks like.

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "receiver/routes.h"
#include "receiver/spans/export_meter.h"
#include "receiver/spans/linter.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "receiver/spans/span_conversion.h"
#include "receiver/store/store.h"
#include "tests/receiver/receiver_requests.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::decode_otlp_json;
using langfuse_receiver::decode_otlp_protobuf;
using langfuse_receiver::ExportTooLarge;
using langfuse_receiver::HttpRequest;
using langfuse_receiver::Interrupted;
using langfuse_receiver::Interruptible;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::Store;
using langfuse_receiver::to_observation;
using langfuse_receiver::to_text;
using langfuse_test::AttributeList;
using langfuse_test::export_of;
using langfuse_test::post_request;
using langfuse_test::protobuf_of;
using langfuse_test::span;

constexpr const char* otlp = "/api/public/otel/v1/traces";

// Seconds that this thread has worked, whatever else the machine does.
double worked() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::vector<ObservationRow> converted(const std::string& body, bool is_json) {
  std::vector<ObservationRow> rows;
  for (const auto& one : is_json ? decode_otlp_json(body) : decode_otlp_protobuf(body)) {
    rows.push_back(to_observation(one, {}, 0));
  }
  return rows;
}

// The best of three.
double time_of(const std::string& body, bool is_json) {
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double begin = worked();
    for (const ObservationRow& row : converted(body, is_json)) {
      EXPECT_FALSE(to_text(row.metadata).empty());
    }
    least = std::min(least, worked() - begin);
  }
  return least;
}

AttributeList many(int count, const std::string& prefix) {
  AttributeList attributes;
  for (int i = 0; i < count; ++i) {
    attributes.emplace_back(prefix + std::to_string(i), std::to_string(i));
  }
  return attributes;
}

std::string object_of(int count) {
  std::string object = "{";
  for (int i = 0; i < count; ++i) {
    object += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
  }
  return object + "}";
}

// Each puts `count` of something into an export where the receiver makes an object of them.
struct Growing {
  const char* what;
  std::function<Json(int count)> exported;
};

const std::vector<Growing>& growing() {
  static const std::vector<Growing> all{
      {"attributes",
       [](int count) {
         return export_of({span("b7ad6b7169203331", "step", many(count, "a"))}, {}, "other");
       }},
      {"attributes that no server knows",
       [](int count) {
         return export_of(
             {span("b7ad6b7169203331", "step", many(count, "langfuse.observation.inpu"))});
       }},
      {"metadata",
       [](int count) {
         return export_of(
             {span("b7ad6b7169203331", "step", many(count, "langfuse.observation.metadata."))});
       }},
      {"resource",
       [](int count) { return export_of({span("b7ad6b7169203331", "step")}, many(count, "a")); }},
      {"metadata as JSON",
       [](int count) {
         return export_of({span("b7ad6b7169203331", "step",
                                {{"langfuse.observation.metadata", object_of(count)}})});
       }},
      {"usage and cost",
       [](int count) {
         return export_of({span("b7ad6b7169203331", "step",
                                {{"langfuse.observation.usage_details", object_of(count)},
                                 {"langfuse.observation.cost_details", object_of(count)}})});
       }},
      {"usage of another library",
       [](int count) {
         return export_of({span("b7ad6b7169203331", "step", many(count, "gen_ai.usage."))}, {},
                          "other");
       }},
      {"parameters",
       [](int count) {
         return export_of({span("b7ad6b7169203331", "step", many(count, "gen_ai.request."))}, {},
                          "other");
       }},
      {"messages",
       [](int count) {
         Json message = Json::object();
         message["name"] = "gen_ai.user.message";
         message["attributes"] = langfuse_test::attribute_array(many(count, "m"));
         Json one = span("b7ad6b7169203331", "step");
         one["events"] = Json::array();
         one["events"].push_back(std::move(message));
         return export_of({one}, {}, "other");
       }},
      {"the same key",
       [](int count) {
         return export_of({span("b7ad6b7169203331", "step",
                                AttributeList(static_cast<std::size_t>(count), {"a", "b"}))},
                          {}, "other");
       }},
  };
  return all;
}

// Eight times as much takes eight times as long, and not 64 times.
TEST(LargeExport, TakesTimeInItsSize) {
  constexpr int few = 1'000;
  constexpr double generous = 3;
  for (const Growing& one : growing()) {
    const Json small = one.exported(few);
    const Json large = one.exported(8 * few);

    EXPECT_LT(time_of(large.dump(), true), 8 * generous * time_of(small.dump(), true)) << one.what;
    EXPECT_LT(time_of(protobuf_of(large), false), 8 * generous * time_of(protobuf_of(small), false))
        << one.what;
  }
}

TEST(LargeExport, FortyThousandAttributesAreAllKept) {
  const auto rows = converted(
      export_of({span("b7ad6b7169203331", "step", many(40'000, "a"))}, {}, "other").dump(), true);

  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].metadata.at("attributes.a0"), "0");
  EXPECT_EQ(rows[0].metadata.at("attributes.a39999"), "39999");
}

TEST(LargeExport, WarningsBeyondTheFirstTwentyAreCounted) {
  const auto rows = converted(
      export_of({span("b7ad6b7169203331", "step", many(1'000, "langfuse.observation.inpu"))})
          .dump(),
      true);

  ASSERT_EQ(rows.size(), 1U);
  ASSERT_EQ(rows[0].warnings.size(), 21U);
  EXPECT_EQ(rows[0].warnings.back(), "and 980 more");
}

// A thousand names below one of 100 000 bytes would take 100 MB.
TEST(LargeExport, NamesThatNestingMakesLongAreNotMultiplied) {
  const std::string name(100'000, 'n');
  const std::string metadata = "{\"" + name + "\":" + object_of(1'000) + ",\"b\":{\"c\":1}}";

  const auto rows = converted(
      export_of({span("b7ad6b7169203331", "step", {{"langfuse.observation.metadata", metadata}})})
          .dump(),
      true);

  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].metadata.at(name), object_of(1'000));
  EXPECT_EQ(rows[0].metadata.at("b.c"), "1");
}

TEST(LargeExport, WhatEachSpanWouldRepeatIsLimited) {
  const std::vector<Json> spans(300, span("b7ad6b7169203331", "step"));
  const Json request = export_of(spans, {{"service.name", std::string(1U << 20U, 's')}});

  EXPECT_THROW(decode_otlp_json(request.dump()), ExportTooLarge);
  EXPECT_THROW(decode_otlp_protobuf(protobuf_of(request)), ExportTooLarge);
}

TEST(LargeExport, SpansAndAttributesOfOneAreLimited) {
  const std::string tiny("\x12\x06\x0A\x01\x61\x12\x01\x62", 8);
  const std::string pair("\x4A\x07\x0A\x01\x61\x12\x02\x0A\x00", 9);
  const auto message = [](int tag, const std::string& content) {
    std::string bytes;
    protozero::pbf_writer(bytes).add_message(static_cast<protozero::pbf_tag_type>(tag), content);
    return bytes;
  };
  const auto times = [](std::size_t count, const std::string& part) {
    std::string all;
    all.reserve(count * part.size());
    for (std::size_t i = 0; i < count; ++i) {
      all += part;
    }
    return all;
  };
  const auto request = [&](const std::string& spans) { return message(1, message(2, spans)); };

  EXPECT_EQ(decode_otlp_protobuf(request(times(1'000, tiny))).size(), 1'000U);
  EXPECT_THROW(
      decode_otlp_protobuf(request(times(langfuse_receiver::max_spans_of_export + 1, tiny))),
      ExportTooLarge);
  EXPECT_THROW(decode_otlp_protobuf(request(message(
                   2, tiny.substr(2) + times(langfuse_receiver::max_values_of_export + 1, pair)))),
               ExportTooLarge);
}

TEST(LargeExport, OneThatIsTooLargeIsAnsweredWith413AndNothingIsStored) {
  Store store("");
  const std::vector<Json> spans(300, span("b7ad6b7169203331", "step"));
  const Json request = export_of(spans, {{"service.name", std::string(1U << 20U, 's')}});
  auto options = langfuse_test::route_options();
  options.max_body_bytes = 64U << 20U;

  const auto response = answer(post_request(otlp, request.dump()), options, store);

  EXPECT_EQ(response.status, 413) << response.body;
  EXPECT_EQ(store.observation_count(), 0);
}

TEST(LargeExport, ReadingDecodingAndConvertingAreInterrupted) {
  const Json request = export_of({span("b7ad6b7169203331", "step", {{"a", "b"}})});
  const auto received = decode_otlp_json(request.dump());
  const std::atomic<bool> stops{true};
  const Interruptible work(stops);

  EXPECT_THROW(langfuse_receiver::parse_json("[1]"), Interrupted);
  EXPECT_THROW(decode_otlp_json(request.dump()), Interrupted);
  EXPECT_THROW(decode_otlp_protobuf(protobuf_of(request)), Interrupted);
  EXPECT_THROW(to_observation(received.at(0), {}, 0), Interrupted);
}

// The best of ten, for the page of 50 in the middle of all `count` rows.
template <typename Query>
double time_of_page(Store& store, const Query& query) {
  double least = 1e9;
  for (int i = 0; i < 10; ++i) {
    const double begin = worked();
    EXPECT_EQ(store.find(query).size(), 50U);
    least = std::min(least, worked() - begin);
  }
  return least;
}

double time_of_observations(int count) {
  std::vector<ObservationRow> rows(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    ObservationRow& row = rows[static_cast<std::size_t>(i)];
    row.trace_id = "t";
    row.span_id = std::to_string(i);
    row.start_unix_nano = i / 4;
  }
  Store store("");
  store.put(rows);
  langfuse_receiver::ObservationQuery query;
  query.trace_id = "t";
  query.limit = 50;
  query.after = langfuse_receiver::ObservationCursor{count / 8, "t", ""};
  return time_of_page(store, query);
}

double time_of_scores(int count, const std::optional<std::string>& trace_id) {
  std::vector<langfuse_receiver::ScoreRow> rows(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto& row = rows[static_cast<std::size_t>(i)];
    row.id = std::to_string(i);
    row.trace_id = "t";
    row.timestamp_unix_nano = i / 4;
  }
  Store store("");
  store.put(rows);
  langfuse_receiver::ScoreQuery query;
  query.trace_id = trace_id;
  query.limit = 50;
  query.after = langfuse_receiver::ScoreCursor{count / 8, ""};
  return time_of_page(store, query);
}

// Who reads all pages, as an export does, pays that often what each takes beside its own rows.
TEST(LargeExport, APageTakesTimeInItsOwnSize) {
  EXPECT_LT(time_of_observations(16'000), 4 * time_of_observations(1'000));
  EXPECT_LT(time_of_scores(16'000, "t"), 4 * time_of_scores(1'000, "t"));
  EXPECT_LT(time_of_scores(16'000, std::nullopt), 4 * time_of_scores(1'000, std::nullopt));
}

// Of three thousand levels, wherever a body or a value in it is read.
TEST(LargeExport, DeepNestingIsRefused) {
  constexpr int levels = 3'000;
  const std::string list = std::string(levels, '[') + std::string(levels, ']');
  std::string object;
  std::string otlp_value = R"({"stringValue":"a"})";
  for (int i = 0; i < levels; ++i) {
    object += "{\"a\":";
    otlp_value = R"({"arrayValue":{"values":[)" + otlp_value + "]}}";
  }
  object += "1" + std::string(levels, '}');
  const std::string with_value =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"a","spanId":"b","attributes":)"
      R"([{"key":"a","value":)" +
      otlp_value + "}]}]}]}]}";
  std::string bytes;
  for (int i = 0; i < levels; ++i) {
    std::string array;
    protozero::pbf_writer(array).add_message(1, bytes);
    std::string value;
    protozero::pbf_writer(value).add_message(5, array);
    bytes = std::move(value);
  }
  std::string attribute;
  protozero::pbf_writer(attribute).add_message(2, bytes);
  std::string one("\x0A\x01\x61\x12\x01\x62", 6);
  protozero::pbf_writer(one).add_message(9, attribute);
  std::string scope_spans;
  protozero::pbf_writer(scope_spans).add_message(2, one);
  std::string resource_spans;
  protozero::pbf_writer(resource_spans).add_message(2, scope_spans);
  std::string as_protobuf;
  protozero::pbf_writer(as_protobuf).add_message(1, resource_spans);
  Store store("");

  for (const HttpRequest& request :
       {post_request(otlp, list), post_request(otlp, object), post_request(otlp, with_value),
        post_request(otlp, as_protobuf, "application/x-protobuf"),
        post_request("/api/public/ingestion", "{\"batch\":" + list + "}"),
        post_request("/api/public/scores", object)}) {
    const auto response = answer(request, langfuse_test::route_options(), store);

    EXPECT_EQ(response.status, 400) << request.path << ": " << response.body;
  }
  EXPECT_EQ(store.observation_count(), 0);
}

}  // namespace

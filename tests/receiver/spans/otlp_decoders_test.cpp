// The two decoders: that they agree, and what they refuse.

#include <gtest/gtest.h>

#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::Attributes;
using langfuse_receiver::decode_otlp_json;
using langfuse_receiver::decode_otlp_protobuf;
using langfuse_receiver::InvalidExport;
using langfuse_receiver::Json;
using langfuse_receiver::ReceivedSpan;
using langfuse_receiver::to_text;
using langfuse_test::export_of;
using langfuse_test::protobuf_of;
using langfuse_test::span;

Json render(const Attributes& attributes) {
  Json json = Json::array();
  for (const auto& attribute : attributes) {
    json.push_back(attribute.key + "=" + to_text(attribute.value));
  }
  return json;
}

// Everything a decoder found out, as text.
std::string render(const std::vector<ReceivedSpan>& spans) {
  std::string text;
  for (const ReceivedSpan& one : spans) {
    Json json = Json::object();
    json["ids"] = one.trace_id + "/" + one.span_id + "/" + one.parent_span_id;
    json["name"] = one.name;
    json["start"] = one.start_unix_nano.value_or(-1);
    json["end"] = one.end_unix_nano.value_or(-1);
    json["attributes"] = render(one.attributes);
    json["status"] = std::to_string(one.status_code) + " " + one.status_message;
    json["resource"] = render(one.origin->resource);
    json["scope"] = one.origin->scope_name + " " + one.origin->scope_version;
    json["scope_attributes"] = render(one.origin->scope_attributes);
    text += json.dump(1) + "\n";
  }
  return text;
}

Json every_kind_of_value() {
  Json array = Json::parse(R"({"arrayValue":{"values":[{"stringValue":"a"},{"intValue":2}]}})");
  Json empty_array = Json::parse(R"({"arrayValue":{}})");
  Json child = span("b7ad6b7169203332", "grün",
                    {{"text", "漢"},
                     {"flag", true},
                     {"integer", -7},
                     {"number", 2.5},
                     {"array", array},
                     {"empty", empty_array}});
  child["parentSpanId"] = "b7ad6b7169203331";
  child["status"] = {{"code", 2}, {"message", "boom"}};
  Json request = export_of({span("b7ad6b7169203331", "root"), child},
                           {{"service.name", "shop"}, {"service.version", "1.2"}});
  request["resourceSpans"][0]["scopeSpans"][0]["scope"]["attributes"] =
      langfuse_test::attribute_array({{"public_key", "pk-lf-0000"}});
  return request;
}

TEST(OtlpDecoders, JsonIsReadAsSent) {
  EXPECT_EQ(render(decode_otlp_json(export_of({span("b7ad6b7169203331", "root")}).dump())), R"({
 "ids": "0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331/",
 "name": "root",
 "start": 1786000000000000000,
 "end": 1786000001000000000,
 "attributes": [],
 "status": "0 ",
 "resource": [],
 "scope": "langfuse-sdk 0.1.0",
 "scope_attributes": []
}
)");
}

TEST(OtlpDecoders, ProtobufGivesTheSameSpansAsJson) {
  const Json request = every_kind_of_value();

  const std::string from_json = render(decode_otlp_json(request.dump()));

  EXPECT_NE(from_json.find(R"(array=[\"a\",2])"), std::string::npos) << from_json;
  EXPECT_NE(from_json.find(R"(empty=\"{\\\"arrayValue\\\":{}}\")"), std::string::npos) << from_json;
  EXPECT_EQ(render(decode_otlp_protobuf(protobuf_of(request))), from_json);
}

TEST(OtlpDecoders, JsonNumbersTravelAsTextOrAsNumbers) {
  Json one = span("b7ad6b7169203331", "root");
  one["startTimeUnixNano"] = 1'786'000'000'000'000'000;
  one["attributes"] = Json::parse(R"([{"key":"n","value":{"intValue":"42"}}])");

  const auto spans = decode_otlp_json(export_of({one}).dump());

  EXPECT_EQ(spans.at(0).start_unix_nano, 1'786'000'000'000'000'000);
  EXPECT_EQ(spans.at(0).attributes.at(0).value, Json(42));
}

TEST(OtlpDecoders, JsonNumbersBeyondADoubleAreInfinitiesAsInProtobuf) {
  Json one = span("b7ad6b7169203331", "root");
  one["startTimeUnixNano"] = "@";
  one["attributes"] = Json::parse(
      R"([{"key":"d","value":{"doubleValue":"@"}},{"key":"n","value":{"doubleValue":"-@"}},
          {"key":"i","value":{"intValue":"@"}},{"key":"after","value":{"stringValue":"kept"}}])");
  std::string body = export_of({one}).dump();
  for (const std::string wanted : {"\"@\"", "\"-@\""}) {
    for (std::size_t at = body.find(wanted); at != std::string::npos; at = body.find(wanted)) {
      body.replace(at, wanted.size(), wanted.size() == 3 ? "1e999" : "-1e999");
    }
  }

  const auto spans = decode_otlp_json(body);

  EXPECT_FALSE(spans.at(0).start_unix_nano);
  EXPECT_EQ(spans.at(0).attributes.at(0).value, Json("Infinity"));
  EXPECT_EQ(spans.at(0).attributes.at(1).value, Json("-Infinity"));
  EXPECT_TRUE(spans.at(0).attributes.at(2).is_otlp_text);
  EXPECT_EQ(spans.at(0).attributes.at(3).value, Json("kept"));
}

TEST(OtlpDecoders, JsonIdsMayBeListsOfBytesAndSerializedBuffers) {
  Json one = span("x", "root");
  one["spanId"] = Json::parse("[183,173,107,113,105,32,51,49]");
  one["parentSpanId"] = Json::parse(R"({"type":"Buffer","data":[0,1,254,255]})");

  const auto spans = decode_otlp_json(export_of({one}).dump());

  EXPECT_EQ(spans.at(0).span_id, "b7ad6b7169203331");
  EXPECT_EQ(spans.at(0).parent_span_id, "0001feff");
}

TEST(OtlpDecoders, JsonIdsAreKeptVerbatim) {
  const auto spans = decode_otlp_json(export_of({span("B7AD6B71", "root")}).dump());

  EXPECT_EQ(spans.at(0).span_id, "B7AD6B71");
}

TEST(OtlpDecoders, NothingToStoreIsNotAnError) {
  for (const char* body : {"{}", R"({"resourceSpans":[]})", R"({"resourceSpans":null})",
                           R"({"resourceSpans":[{}]})"}) {
    EXPECT_EQ(decode_otlp_json(body).size(), 0U) << body;
  }
  EXPECT_EQ(decode_otlp_protobuf("").size(), 0U);
}

TEST(OtlpDecoders, ProtobufTextIsRepaired) {
  Json request = export_of({span("b7ad6b7169203331", "name")});
  std::string bytes = protobuf_of(request);
  bytes.replace(bytes.find("name"), 4, "n\xFFm\xC3");

  EXPECT_EQ(decode_otlp_protobuf(bytes).at(0).name, "n\xEF\xBF\xBDm\xEF\xBF\xBD");
}

struct Refusal {
  const char* what;
  const char* pointer;  // into the export
  const char* value;    // JSON put there; null removes
  const char* message;
};

class OtlpJsonRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(OtlpJsonRefusal, NamesTheSpanAndTheField) {
  const Refusal& refusal = GetParam();
  Json request = export_of(
      {span("b7ad6b7169203331", "good"), span("b7ad6b7169203332", "bad", {{"key", "value"}})});
  Json::json_pointer pointer(refusal.pointer);
  if (refusal.value == nullptr) {
    request.at(pointer.parent_pointer()).erase(pointer.back());
  } else {
    request[pointer] = Json::parse(refusal.value);
  }

  try {
    decode_otlp_json(request.dump());
    FAIL() << "accepted";
  } catch (const InvalidExport& error) {
    EXPECT_EQ(std::string(error.what()),
              std::string("Invalid OTLP trace export: ") + refusal.message);
  }
}

#define BAD_SPAN "resourceSpans[0].scopeSpans[0].spans[1] (\"bad\")"
#define SPANS "/resourceSpans/0/scopeSpans/0/spans"
INSTANTIATE_TEST_SUITE_P(
    Table, OtlpJsonRefusal,
    ::testing::Values(
        Refusal{"no_trace_id", SPANS "/1/traceId", nullptr, BAD_SPAN ": traceId is missing"},
        Refusal{"null_trace_id", SPANS "/1/traceId", "null", BAD_SPAN ": traceId is missing"},
        Refusal{"empty_trace_id", SPANS "/1/traceId", "\"\"", BAD_SPAN ": traceId is empty"},
        Refusal{"number_trace_id", SPANS "/1/traceId", "7",
                BAD_SPAN ": traceId is neither a string nor a list of bytes"},
        Refusal{"no_span_id", SPANS "/1/spanId", nullptr, BAD_SPAN ": spanId is missing"},
        Refusal{"object_span_id", SPANS "/1/spanId", "{}",
                BAD_SPAN ": spanId is neither a string nor a list of bytes"},
        Refusal{"flag_parent", SPANS "/1/parentSpanId", "true",
                BAD_SPAN ": parentSpanId is neither a string nor a list of bytes"},
        Refusal{"attributes_map", SPANS "/1/attributes", "{\"a\":1}",
                BAD_SPAN ": attributes is not an array"},
        Refusal{"attribute_without_value", SPANS "/1/attributes/0/value", nullptr,
                BAD_SPAN ": attributes[0] (\"key\") has no value"},
        Refusal{"events_object", SPANS "/1/events", "{}", BAD_SPAN ": events is not an array"},
        Refusal{"event_attributes", SPANS "/1/events", "[{\"attributes\":{}}]",
                BAD_SPAN ".events[0]: attributes is not an array"},
        Refusal{"span_text", SPANS "/1", "\"x\"",
                "resourceSpans[0].scopeSpans[0].spans[1] (\"\"): is not an object"},
        Refusal{"spans_object", SPANS, "{}",
                "resourceSpans[0].scopeSpans[0]: spans is not an array"},
        Refusal{"scope_attributes", "/resourceSpans/0/scopeSpans/0/scope/attributes", "{}",
                "resourceSpans[0].scopeSpans[0].scope: attributes is not an array"},
        Refusal{"scope_spans", "/resourceSpans/0/scopeSpans", "{}",
                "resourceSpans[0]: scopeSpans is not an array"},
        Refusal{"resource_attributes", "/resourceSpans/0/resource/attributes", "{}",
                "resourceSpans[0].resource: attributes is not an array"},
        Refusal{"resource_spans", "/resourceSpans", "{}",
                "the request: resourceSpans is not an array"}),
    [](const ::testing::TestParamInfo<Refusal>& refusal) {
      return std::string(refusal.param.what);
    });

std::string protobuf_refusal(const std::string& bytes) {
  try {
    decode_otlp_protobuf(bytes);
    return "accepted";
  } catch (const InvalidExport& error) {
    return error.what();
  }
}

TEST(OtlpProtobufRefusal, NamesTheSpanAndTheField) {
  Json no_trace_id = span("b7ad6b7169203331", "bad");
  no_trace_id.erase("traceId");
  Json no_span_id = span("", "bad");
  Json no_value = span("b7ad6b7169203331", "bad", {{"key", "value"}});
  no_value["attributes"][0].erase("value");
  const std::string place = "Invalid OTLP trace export: " BAD_SPAN;
  const Json good = span("b7ad6b7169203330", "good");

  EXPECT_EQ(protobuf_refusal(protobuf_of(export_of({good, no_trace_id}))),
            place + ": traceId is missing");
  EXPECT_EQ(protobuf_refusal(protobuf_of(export_of({good, no_span_id}))),
            place + ": spanId is missing");
  EXPECT_EQ(protobuf_refusal(protobuf_of(export_of({good, no_value}))),
            place + ": attributes[0] (\"key\") has no value");
}

TEST(OtlpProtobufRefusal, EveryCutOfAnExportIsEitherReadOrRefused) {
  const std::string bytes = protobuf_of(every_kind_of_value());
  int refused = 0;

  for (std::size_t length = 1; length < bytes.size(); ++length) {
    refused += protobuf_refusal(bytes.substr(0, length)) != "accepted" ? 1 : 0;
  }

  EXPECT_EQ(refused, static_cast<int>(bytes.size()) - 1);
}

TEST(OtlpProtobufRefusal, FieldsOfAnotherWireTypeAreRefused) {
  const std::string start_as_varint("\x0a\x06\x12\x04\x12\x02\x38\x01", 8);

  EXPECT_EQ(protobuf_refusal(start_as_varint),
            "Failed to parse OTel Protobuf Trace: field 7 has wire type 0");
  EXPECT_EQ(protobuf_refusal("{\"resourceSpans\":[]}").substr(0, 36),
            "Failed to parse OTel Protobuf Trace:");
}

TEST(OtlpProtobufRefusal, ValuesNestedTooDeeplyAreRefused) {
  std::string value;
  for (int depth = 0; depth < 500; ++depth) {
    std::string array;
    protozero::pbf_writer(array).add_message(1, value);
    value.clear();
    protozero::pbf_writer(value).add_message(5, array);
  }
  std::string pair;
  protozero::pbf_writer(pair).add_message(2, value);
  std::string one;
  protozero::pbf_writer(one).add_message(9, pair);
  std::string scope_spans;
  protozero::pbf_writer(scope_spans).add_message(2, one);
  std::string resource_spans;
  protozero::pbf_writer(resource_spans).add_message(2, scope_spans);
  std::string request;
  protozero::pbf_writer(request).add_message(1, resource_spans);

  EXPECT_EQ(protobuf_refusal(request),
            "Failed to parse OTel Protobuf Trace: values nested too deeply");
}

}  // namespace

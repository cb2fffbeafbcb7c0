// Our decoders against protobuf's own library: its encoder as any OTLP exporter uses it, its text
// format as `protoc --encode` reads it, and its JSON mapping. OTLP/JSON differs from that mapping
// in the ids, which are hexadecimal in one and base64 in the other.

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include "otlp_trace.pb.h"
#include "receiver/base/text.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "receiver/spans/span_conversion.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

namespace otlp = langfuse::test::otlp;
namespace pb = google::protobuf;
using langfuse_receiver::Attributes;
using langfuse_receiver::decode_otlp_json;
using langfuse_receiver::decode_otlp_protobuf;
using langfuse_receiver::Json;
using langfuse_receiver::ReceivedSpan;

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int length = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length) - padding);
  return bytes;
}

// The mapping as OTLP/JSON. `status` is a list in the messages of the tests (see
// `data/otlp_trace.proto`).
Json otlp_json_of(Json mapped) {
  for (Json& resource_spans : mapped["resourceSpans"]) {
    for (Json& scope_spans : resource_spans["scopeSpans"]) {
      for (Json& span : scope_spans["spans"]) {
        for (const char* id : {"traceId", "spanId", "parentSpanId"}) {
          if (span.contains(id)) {
            span[id] = langfuse_receiver::to_hex(from_base64(span[id].get<std::string>()));
          }
        }
        if (span.contains("status")) {
          const Json status = span["status"][0];
          span["status"] = status;
        }
      }
    }
  }
  return mapped;
}

std::string mapped_json_of(const otlp::ExportTraceServiceRequest& request) {
  std::string text;
  EXPECT_TRUE(pb::util::MessageToJsonString(request, &text).ok());
  return text;
}

Json rendered(const Attributes& attributes) {
  Json json = Json::array();
  for (const auto& attribute : attributes) {
    json.push_back({attribute.key, attribute.value, attribute.is_otlp_text});
  }
  return json;
}

// Everything a decoder found out, and the row that is made of it.
Json rendered(const std::vector<ReceivedSpan>& spans) {
  Json json = Json::array();
  for (const ReceivedSpan& span : spans) {
    const auto row = to_observation(span, {}, 1);
    json.push_back({span.trace_id, span.span_id, span.parent_span_id, span.name,
                    span.start_unix_nano.value_or(-1), span.end_unix_nano.value_or(-1),
                    rendered(span.attributes), rendered(span.origin->resource),
                    rendered(span.origin->scope_attributes), span.origin->scope_name,
                    span.status_code, span.status_message, row.metadata, row.warnings});
  }
  return json;
}

// Messages of every shape, the same ones each time.
class Generator {
 public:
  otlp::ExportTraceServiceRequest request() {
    otlp::ExportTraceServiceRequest request;
    repeat(2, [&] {
      otlp::ResourceSpans& resource = *request.add_resource_spans();
      repeat(3, [&] { attribute(*resource.mutable_resource()->add_attributes()); });
      repeat(2, [&] {
        otlp::ScopeSpans& scope = *resource.add_scope_spans();
        scope.mutable_scope()->set_name(text());
        repeat(2, [&] { attribute(*scope.mutable_scope()->add_attributes()); });
        repeat(3, [&] { span(*scope.add_spans()); });
      });
    });
    return request;
  }

 private:
  template <typename Action>
  void repeat(std::uint64_t most, Action action) {
    for (std::uint64_t count = below(most + 1); count > 0; --count) {
      action();
    }
  }

  void span(otlp::Span& span) {
    span.set_trace_id(bytes(16));
    span.set_span_id(bytes(8));
    if (below(2) == 0) {
      span.set_parent_span_id(bytes(8));
    }
    span.set_name(text());
    span.set_kind(static_cast<int>(below(6)));
    span.set_start_time_unix_nano(below(8) == 0 ? random_() : random_() >> 1U);
    span.set_end_time_unix_nano(below(8) == 0 ? 0 : random_() >> 1U);
    repeat(6, [&] { attribute(*span.add_attributes()); });
    if (below(2) == 0) {
      otlp::Status& status = *span.add_status();
      status.set_code(static_cast<int>(below(3)));
      status.set_message(text());
    }
  }

  void attribute(otlp::KeyValue& attribute) {
    static const char* const keys[] = {"k", "user.id", "langfuse.observation.level", "langfuse.x",
                                       "langfuse.observation.metadata.a.b"};
    attribute.set_key(below(2) == 0 ? keys[below(5)] : text());
    value(*attribute.mutable_value(), 0);
  }

  void value(otlp::AnyValue& value, int depth) {
    constexpr double doubles[] = {0.0,
                                  1.0,
                                  -2.0,
                                  0.1,
                                  1e300,
                                  9'007'199'254'740'993.0,
                                  1e-300,
                                  std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::quiet_NaN()};
    switch (below(depth < 3 ? 7 : 6)) {
      case 0:
        value.set_string_value(text());
        break;
      case 1:
        value.set_bool_value(below(2) == 0);
        break;
      case 2:
        value.set_int_value(static_cast<std::int64_t>(random_() >> below(64)));
        break;
      case 3:
        value.set_double_value(doubles[below(10)]);
        break;
      case 4:
        value.set_bytes_value(bytes(below(9)));
        break;
      case 5:
        break;  // an empty value
      default:
        value.mutable_array_value();
        repeat(3, [&] { this->value(*value.mutable_array_value()->add_values(), depth + 1); });
    }
  }

  std::string text() {
    static const char* const pieces[] = {
        "",          "a",         "grün",  "漢字",     "\xF0\x9F\x9A\x80",
        "\"\\/\b\n", "{\"a\":1}", "[1,2]", "<script>", "0"};
    return std::string(pieces[below(10)]) + pieces[below(10)];
  }

  std::string bytes(std::uint64_t length) {
    std::string bytes;
    for (; length > 0; --length) {
      bytes += static_cast<char>(below(256));
    }
    return bytes;
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::mt19937_64 random_{20'261'121};
};

TEST(ProtobufOracle, JsonIsReadAsProtobufsOwnMappingMeansIt) {
  Generator generator;
  std::size_t spans = 0;

  for (int i = 0; i < 1'000; ++i) {
    const otlp::ExportTraceServiceRequest request = generator.request();
    const Json json = otlp_json_of(Json::parse(mapped_json_of(request)));
    const auto from_protobuf = decode_otlp_protobuf(request.SerializeAsString());
    const auto from_json = decode_otlp_json(json.dump());

    ASSERT_EQ(rendered(from_json), rendered(from_protobuf)) << i << ": " << json.dump(1);
    spans += from_json.size();
  }

  EXPECT_GT(spans, 1'000U);
}

// As a generic exporter of OpenTelemetry sends it: no word of Langfuse's vocabulary.
constexpr const char* generic_export = R"(
  resource_spans {
    resource {
      attributes { key: "service.name" value { string_value: "shop" } }
      attributes { key: "deployment.environment.name" value { string_value: "staging" } }
    }
    scope_spans {
      scope { name: "opentelemetry.instrumentation.openai" version: "0.40" }
      spans {
        trace_id: "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"
        span_id: "\xb7\xad\x6b\x71\x69\x20\x33\x31"
        parent_span_id: "\xb7\xad\x6b\x71\x69\x20\x33\x30"
        name: "chat qwen3-8b"
        kind: 3
        start_time_unix_nano: 1786000000000000000
        end_time_unix_nano: 1786000001000000000
        attributes { key: "gen_ai.operation.name" value { string_value: "chat" } }
        attributes { key: "gen_ai.request.model" value { string_value: "qwen3-8b" } }
        attributes { key: "gen_ai.request.temperature" value { double_value: 0.5 } }
        attributes { key: "gen_ai.usage.input_tokens" value { int_value: 10 } }
        attributes { key: "gen_ai.usage.output_tokens" value { int_value: 5 } }
        attributes { key: "gen_ai.input.messages" value { string_value: "[]" } }
        attributes { key: "http.response.status_code" value { int_value: 500 } }
        status { code: 2 message: "upstream" }
      }
    }
  }
)";

TEST(ProtobufOracle, AGenericExporterNeedsNoWordOfLangfuse) {
  otlp::ExportTraceServiceRequest request;
  ASSERT_TRUE(pb::TextFormat::ParseFromString(generic_export, &request));

  const auto spans = decode_otlp_protobuf(request.SerializeAsString());
  ASSERT_EQ(spans.size(), 1U);
  const auto row = to_observation(spans[0], {}, 1);

  EXPECT_EQ(row.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(row.span_id, "b7ad6b7169203331");
  EXPECT_EQ(row.parent_span_id, "b7ad6b7169203330");
  EXPECT_EQ(row.type, "GENERATION");
  EXPECT_EQ(row.level, "ERROR");
  EXPECT_EQ(row.status_message, "upstream");
  EXPECT_EQ(row.environment, "staging");
  EXPECT_EQ(row.model, "qwen3-8b");
  EXPECT_EQ(row.model_parameters, Json({{"temperature", 0.5}}));
  EXPECT_EQ(row.usage_details, Json({{"input", 10}, {"output", 5}, {"total", 15}}));
  EXPECT_EQ(row.service_name, "shop");
  EXPECT_EQ(row.metadata["attributes.http.response.status_code"], "500");
  EXPECT_EQ(row.warnings, Json::array());
}

}  // namespace

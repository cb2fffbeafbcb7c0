#include "tests/support/otlp_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/reflection.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "otlp_trace.pb.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

namespace otlp = langfuse::test::otlp;

std::string hex(const std::string& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[c & 15];
  }
  return text;
}

// A field that the specification does not have, anywhere below `message`.
bool has_unknown_field(const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      if (has_unknown_field(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (has_unknown_field(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

// With `\\`, `\"`, `\n` and, for other control characters, `\xNN`.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      result += {'\\', c};
    } else if (c == '\n') {
      result += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += "\\x" + hex(std::string(1, c));
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string unquoted(const std::string& text) {
  std::string result;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    const char escape = text[++i];
    if (escape == 'x') {
      result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      result += escape == 'n' ? '\n' : escape;
    }
  }
  return result;
}

// Strings are all that we put into arrays.
std::string array_text(const otlp::ArrayValue& array) {
  std::string text;
  for (const otlp::AnyValue& value : array.values()) {
    text += text.empty() ? "[" : ", ";
    text += value.has_string_value() ? quoted(value.string_value()) : "no string";
  }
  return text.empty() ? "an empty array" : text + "]";
}

std::string value_text(const otlp::KeyValue& attribute) {
  const otlp::AnyValue& value = attribute.value();
  switch (value.value_case()) {
    case otlp::AnyValue::kStringValue:
      return quoted(value.string_value());
    case otlp::AnyValue::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case otlp::AnyValue::kIntValue:
      return std::to_string(value.int_value());
    case otlp::AnyValue::kDoubleValue: {
      char text[48];
      std::snprintf(text, sizeof text, "%.17g (double)", value.double_value());
      return text;
    }
    case otlp::AnyValue::kArrayValue:
      return array_text(value.array_value());
    case otlp::AnyValue::kKvlistValue:
      return "kvlist";
    case otlp::AnyValue::kBytesValue:
      return "bytes";
    case otlp::AnyValue::VALUE_NOT_SET:
      return "no value";
  }
  return "no value";
}

template <class Attributes>
std::string lines(const Attributes& attributes) {
  std::string text;
  for (const otlp::KeyValue& attribute : attributes) {
    text += attribute.key() + " = " + value_text(attribute) + "\n";
  }
  return text;
}

DecodedSpan decode(const otlp::Span& span) {
  DecodedSpan result;
  result.trace_id = hex(span.trace_id());
  result.span_id = hex(span.span_id());
  result.parent_span_id = hex(span.parent_span_id());
  result.name = span.name();
  result.kind = span.kind();
  result.start_unix_nano = span.start_time_unix_nano();
  result.end_unix_nano = span.end_time_unix_nano();
  for (const otlp::KeyValue& attribute : span.attributes()) {
    result.attributes.emplace_back(attribute.key(), value_text(attribute));
  }
  for (const otlp::Status& status : span.status()) {
    result.statuses.emplace_back(status.code(), status.message());
  }
  return result;
}

}  // namespace

std::string DecodedSpan::attribute(std::string_view key) const {
  std::string found = "<absent>";
  int times = 0;
  for (const auto& [attribute_key, value] : attributes) {
    if (attribute_key != key) continue;
    found = value;
    ++times;
  }
  return times > 1 ? "<" + std::to_string(times) + " times>" : found;
}

std::string DecodedSpan::text(std::string_view key) const {
  const std::string value = attribute(key);
  if (value.size() < 2 || value.front() != '"') return value;
  return unquoted(value);
}

int DecodedSpan::count(std::string_view key) const {
  int times = 0;
  for (const auto& attribute : attributes) times += attribute.first == key ? 1 : 0;
  return times;
}

DecodedBatch decode_request(std::string_view body) {
  DecodedBatch result;
  otlp::ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromArray(body.data(), static_cast<int>(body.size())));
  EXPECT_FALSE(has_unknown_field(request)) << request.DebugString();
  EXPECT_EQ(request.resource_spans_size(), 1);
  for (const otlp::ResourceSpans& resource_spans : request.resource_spans()) {
    EXPECT_EQ(resource_spans.scope_spans_size(), 1);
    result.resource += lines(resource_spans.resource().attributes());
    for (const otlp::ScopeSpans& scope_spans : resource_spans.scope_spans()) {
      const otlp::InstrumentationScope& scope = scope_spans.scope();
      result.scope += scope.name() + " " + scope.version() + "\n" + lines(scope.attributes());
      for (const otlp::Span& span : scope_spans.spans()) result.spans.push_back(decode(span));
    }
  }
  return result;
}

std::vector<DecodedSpan> decode_records(std::string_view records) {
  otlp::ScopeSpans scope_spans;
  EXPECT_TRUE(scope_spans.ParseFromArray(records.data(), static_cast<int>(records.size())));
  EXPECT_FALSE(has_unknown_field(scope_spans)) << scope_spans.DebugString();
  EXPECT_FALSE(scope_spans.has_scope());
  std::vector<DecodedSpan> result;
  // Protobuf writes every field once: other sizes would mean that ours had one twice.
  std::size_t size = 0;
  constexpr std::size_t tag_and_padded_length = 6;
  for (const otlp::Span& span : scope_spans.spans()) {
    result.push_back(decode(span));
    size += tag_and_padded_length + span.ByteSizeLong();
  }
  EXPECT_EQ(size, records.size());
  return result;
}

std::string to_text(const DecodedSpan& span) {
  std::string text = "span " + span.trace_id + " " + span.span_id;
  if (!span.parent_span_id.empty()) text += " parent " + span.parent_span_id;
  text += " " + quoted(span.name) + "\n  kind " + std::to_string(span.kind) + ", " +
          std::to_string(span.start_unix_nano) + " .. " + std::to_string(span.end_unix_nano) + "\n";
  return text + attributes_text(span);
}

std::string attributes_text(const DecodedSpan& span) {
  std::string text;
  for (const auto& [key, value] : span.attributes) text += "  " + key + " = " + value + "\n";
  for (const auto& [code, message] : span.statuses) {
    text += "  status " + std::to_string(code) + " " + quoted(message) + "\n";
  }
  return text;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "receiver/spans/otlp_protobuf.h"

#include <limits>
#include <protozero/pbf_reader.hpp>

#include "receiver/base/text.h"
#include "receiver/base/utf8_text.h"
#include "receiver/spans/export_meter.h"

namespace langfuse_receiver {
namespace {

constexpr int max_value_depth = 64;

std::string_view view(protozero::data_view data) {
  return {data.data(), data.size()};
}

// protozero checks wire types only by assertion; a field of another type must end in a 400, never
// in a misread.
void expect(const protozero::pbf_reader& reader, protozero::pbf_wire_type type) {
  if (reader.wire_type() != type) {
    throw InvalidExport("Failed to parse OTel Protobuf Trace: field " +
                        std::to_string(reader.tag()) + " has wire type " +
                        std::to_string(static_cast<unsigned>(reader.wire_type())));
  }
}

std::string_view bytes_of(protozero::pbf_reader& reader) {
  expect(reader, protozero::pbf_wire_type::length_delimited);
  return view(reader.get_view());
}

std::string text_of(protozero::pbf_reader& reader) {
  return repair_utf8(bytes_of(reader));
}

protozero::pbf_reader message_of(protozero::pbf_reader& reader) {
  expect(reader, protozero::pbf_wire_type::length_delimited);
  return protozero::pbf_reader{reader.get_view()};
}

std::int64_t fixed64_of(protozero::pbf_reader& reader) {
  expect(reader, protozero::pbf_wire_type::fixed64);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(reader.get_fixed64(), most));
}

// The OTLP JSON of a value, for the forms that the server keeps only as text.
Json otlp_json_of_value(protozero::pbf_reader reader, int depth, ExportMeter& meter);

Json otlp_json_of_pair(protozero::pbf_reader reader, int depth, ExportMeter& meter) {
  Json pair = {{"key", ""}};
  while (reader.next()) {
    if (reader.tag() == 1) {
      pair["key"] = text_of(reader);
    } else if (reader.tag() == 2) {
      pair["value"] = otlp_json_of_value(message_of(reader), depth + 1, meter);
    } else {
      reader.skip();
    }
  }
  return pair;
}

std::string to_base64(std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? alphabet[group >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return text;
}

Json otlp_json_of_value(protozero::pbf_reader reader, int depth, ExportMeter& meter) {
  if (depth > max_value_depth) {
    throw InvalidExport("Failed to parse OTel Protobuf Trace: values nested too deeply");
  }
  Json value = Json::object();
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        value = {{"stringValue", text_of(reader)}};
        break;
      case 2:
        expect(reader, protozero::pbf_wire_type::varint);
        value = {{"boolValue", reader.get_bool()}};
        break;
      case 3:
        expect(reader, protozero::pbf_wire_type::varint);
        value = {{"intValue", reader.get_int64()}};
        break;
      case 4:
        expect(reader, protozero::pbf_wire_type::fixed64);
        value = {{"doubleValue", number_or_text(reader.get_double())}};
        break;
      case 5:
      case 6: {
        const bool is_array = reader.tag() == 5;
        Json values = Json::array();
        protozero::pbf_reader list = message_of(reader);
        while (list.next()) {
          if (list.tag() == 1) {
            meter.count_value();
            values.push_back(is_array ? otlp_json_of_value(message_of(list), depth + 1, meter)
                                      : otlp_json_of_pair(message_of(list), depth + 1, meter));
          } else {
            list.skip();
          }
        }
        Json holder = Json::object();
        if (!values.empty()) {
          holder["values"] = std::move(values);
        }
        value = Json::object();
        value[is_array ? "arrayValue" : "kvlistValue"] = std::move(holder);
        break;
      }
      case 7:
        value = {{"bytesValue", to_base64(bytes_of(reader))}};
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

// `value` as the JSON decoder would keep it. Sets `is_otlp_text` as that one does.
Json plain_value_of_json(const Json& value, bool& is_otlp_text) {
  if (value.contains("arrayValue") && value["arrayValue"].contains("values")) {
    Json plain = Json::array();
    for (const Json& element : value["arrayValue"]["values"]) {
      plain.push_back(plain_value_of_json(element, is_otlp_text));
    }
    return plain;
  }
  for (const char* name : {"stringValue", "boolValue", "intValue", "doubleValue"}) {
    if (value.contains(name)) {
      return value[name];
    }
  }
  is_otlp_text = true;
  return to_text(value);
}

Json decode_value(protozero::pbf_reader reader, bool& is_otlp_text, ExportMeter& meter) {
  // Nearly every value is one string: no detour for those.
  protozero::pbf_reader peek = reader;
  if (peek.next() && peek.tag() == 1) {
    Json text = text_of(peek);
    if (!peek.next()) {
      return text;
    }
  }
  return plain_value_of_json(otlp_json_of_value(reader, 0, meter), is_otlp_text);
}

void decode_attribute(protozero::pbf_reader reader, Attributes& attributes,
                      const std::string& place, ExportMeter& meter) {
  meter.count_value();
  Attribute attribute;
  bool has_value = false;
  while (reader.next()) {
    if (reader.tag() == 1) {
      attribute.key = text_of(reader);
    } else if (reader.tag() == 2) {
      attribute.is_otlp_text = false;
      attribute.value = decode_value(message_of(reader), attribute.is_otlp_text, meter);
      has_value = true;
    } else {
      reader.skip();
    }
  }
  if (!has_value) {
    refuse_export(place, "attributes[" + std::to_string(attributes.size()) + "] (\"" +
                             attribute.key + "\") has no value");
  }
  attributes.push_back(std::move(attribute));
}

Attributes decode_resource(protozero::pbf_reader reader, const std::string& place,
                           ExportMeter& meter) {
  Attributes attributes;
  while (reader.next()) {
    if (reader.tag() == 1) {
      decode_attribute(message_of(reader), attributes, place + ".resource", meter);
    } else {
      reader.skip();
    }
  }
  return attributes;
}

void decode_scope(protozero::pbf_reader reader, SpanOrigin& origin, const std::string& place,
                  ExportMeter& meter) {
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        origin.scope_name = text_of(reader);
        break;
      case 2:
        origin.scope_version = text_of(reader);
        break;
      case 3:
        decode_attribute(message_of(reader), origin.scope_attributes, place + ".scope", meter);
        break;
      default:
        reader.skip();
    }
  }
}

SpanEvent decode_event(protozero::pbf_reader reader, const std::string& place, ExportMeter& meter) {
  meter.count_value();
  SpanEvent event;
  while (reader.next()) {
    if (reader.tag() == 2) {
      event.name = text_of(reader);
    } else if (reader.tag() == 3) {
      decode_attribute(message_of(reader), event.attributes, place, meter);
    } else {
      reader.skip();
    }
  }
  return event;
}

void decode_status(protozero::pbf_reader reader, ReceivedSpan& span) {
  while (reader.next()) {
    if (reader.tag() == 2) {
      span.status_message = text_of(reader);
    } else if (reader.tag() == 3) {
      expect(reader, protozero::pbf_wire_type::varint);
      span.status_code = reader.get_enum();
    } else {
      reader.skip();
    }
  }
}

std::string name_of_span(protozero::pbf_reader reader) {
  std::string name;
  while (reader.next()) {
    if (reader.tag() == 5) {
      name = text_of(reader);
    } else {
      reader.skip();
    }
  }
  return name;
}

ReceivedSpan decode_span(protozero::pbf_reader reader,
                         const std::shared_ptr<const SpanOrigin>& origin, std::size_t resource,
                         std::size_t scope, std::size_t index, ExportMeter& meter) {
  ReceivedSpan span;
  span.origin = origin;
  span.name = name_of_span(reader);
  const std::string place = span_place(resource, scope, index, span.name);
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        span.trace_id = to_hex(bytes_of(reader));
        break;
      case 2:
        span.span_id = to_hex(bytes_of(reader));
        break;
      case 4:
        span.parent_span_id = to_hex(bytes_of(reader));
        break;
      case 7:
        span.start_unix_nano = fixed64_of(reader);
        break;
      case 8:
        span.end_unix_nano = fixed64_of(reader);
        break;
      case 9:
        decode_attribute(message_of(reader), span.attributes, place, meter);
        break;
      case 11:
        span.events.push_back(
            decode_event(message_of(reader),
                         place + ".events[" + std::to_string(span.events.size()) + "]", meter));
        break;
      case 15:
        decode_status(message_of(reader), span);
        break;
      default:
        reader.skip();
    }
  }
  if (span.trace_id.empty()) {
    refuse_export(place, "traceId is missing");
  }
  if (span.span_id.empty()) {
    refuse_export(place, "spanId is missing");
  }
  return span;
}

// Protobuf allows fields in any order, so the scope is read in a pass of its own before the spans.
void decode_scope_spans(protozero::pbf_reader reader, const Attributes& resource_attributes,
                        std::size_t resource, std::size_t scope, std::vector<ReceivedSpan>& spans,
                        ExportMeter& meter) {
  auto origin = std::make_shared<SpanOrigin>();
  meter.count_origin(bytes_of(resource_attributes));
  origin->resource = resource_attributes;
  const std::string place =
      "resourceSpans[" + std::to_string(resource) + "].scopeSpans[" + std::to_string(scope) + "]";
  protozero::pbf_reader first_pass = reader;
  while (first_pass.next()) {
    if (first_pass.tag() == 1) {
      decode_scope(message_of(first_pass), *origin, place, meter);
    } else {
      first_pass.skip();
    }
  }
  const std::size_t origin_bytes = bytes_of(origin->resource) + bytes_of(origin->scope_attributes);
  std::size_t index = 0;
  while (reader.next()) {
    if (reader.tag() == 2) {
      meter.count_span(origin_bytes);
      spans.push_back(decode_span(message_of(reader), origin, resource, scope, index++, meter));
    } else {
      reader.skip();
    }
  }
}

void decode_resource_spans(protozero::pbf_reader reader, std::size_t resource,
                           std::vector<ReceivedSpan>& spans, ExportMeter& meter) {
  const std::string place = "resourceSpans[" + std::to_string(resource) + "]";
  Attributes attributes;
  protozero::pbf_reader first_pass = reader;
  while (first_pass.next()) {
    if (first_pass.tag() == 1) {
      attributes = decode_resource(message_of(first_pass), place, meter);
    } else {
      first_pass.skip();
    }
  }
  std::size_t scope = 0;
  while (reader.next()) {
    if (reader.tag() == 2) {
      decode_scope_spans(message_of(reader), attributes, resource, scope++, spans, meter);
    } else {
      reader.skip();
    }
  }
}

}  // namespace

std::vector<ReceivedSpan> decode_otlp_protobuf(std::string_view body) {
  std::vector<ReceivedSpan> spans;
  ExportMeter meter;
  try {
    protozero::pbf_reader reader{body.data(), body.size()};
    std::size_t resource = 0;
    while (reader.next()) {
      if (reader.tag() == 1) {
        decode_resource_spans(message_of(reader), resource++, spans, meter);
      } else {
        reader.skip();
      }
    }
  } catch (const protozero::exception& exception) {
    throw InvalidExport(std::string("Failed to parse OTel Protobuf Trace: ") + exception.what());
  }
  return spans;
}

}  // namespace langfuse_receiver

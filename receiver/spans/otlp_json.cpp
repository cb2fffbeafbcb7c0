#include "receiver/spans/otlp_json.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "receiver/base/text.h"
#include "receiver/spans/export_meter.h"

namespace langfuse_receiver {
namespace {

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const Json* array_member(const Json& object, const char* name, const std::string& place) {
  const Json* array = member(object, name);
  if (array != nullptr && !array->is_array()) {
    refuse_export(place, std::string(name) + " is not an array");
  }
  return array;
}

std::string text_member(const Json& object, const char* name) {
  const Json* text = member(object, name);
  return text != nullptr && text->is_string() ? text->get<std::string>() : std::string{};
}

// Integers travel as decimal strings or as numbers.
std::optional<std::int64_t> integer_of(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(std::min(number, most));
  }
  if (value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::fabs(number) < 9.2e18) {
      return static_cast<std::int64_t>(number);
    }
    return std::nullopt;
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc::result_out_of_range) {
      return text.front() == '-' ? std::numeric_limits<std::int64_t>::min()
                                 : std::numeric_limits<std::int64_t>::max();
    }
    if (code == std::errc{} && end == text.data() + text.size()) {
      return number;
    }
  }
  return std::nullopt;
}

// Sets `is_otlp_text` if the value, or an element of it, can only be kept as its JSON.
Json plain_value(const Json& value, bool& is_otlp_text, ExportMeter& meter) {
  if (const Json* text = member(value, "stringValue"); text != nullptr && text->is_string()) {
    return *text;
  }
  if (const Json* flag = member(value, "boolValue"); flag != nullptr && flag->is_boolean()) {
    return *flag;
  }
  if (const Json* integer = member(value, "intValue"); integer != nullptr) {
    if (const auto number = integer_of(*integer)) {
      return *number;
    }
  }
  if (const Json* number = member(value, "doubleValue"); number != nullptr) {
    if (number->is_number_float()) {
      return number_or_text(number->get<double>());
    }
    if (number->is_number() || number->is_string()) {
      return *number;  // NaN and infinities travel as text and stay text
    }
  }
  if (const Json* array = member(value, "arrayValue"); array != nullptr && array->is_object()) {
    const Json* values = member(*array, "values");
    if (values != nullptr && values->is_array()) {
      Json plain = Json::array();
      for (const Json& element : *values) {
        meter.count_value();
        plain.push_back(element.is_object() ? plain_value(element, is_otlp_text, meter) : element);
      }
      return plain;
    }
  }
  is_otlp_text = true;
  return to_text(value);
}

Attributes decode_attributes(const Json* list, const std::string& place, ExportMeter& meter) {
  Attributes attributes;
  if (list == nullptr) {
    return attributes;
  }
  attributes.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    meter.count_value();
    const Json& entry = (*list)[i];
    const std::string key = entry.is_object() ? text_member(entry, "key") : std::string{};
    const Json* value = entry.is_object() ? member(entry, "value") : nullptr;
    if (value == nullptr || !value->is_object()) {
      refuse_export(place, "attributes[" + std::to_string(i) + "] (\"" + key + "\") has no value");
    }
    Attribute& attribute = attributes.emplace_back();
    attribute.key = key;
    attribute.value = plain_value(*value, attribute.is_otlp_text, meter);
  }
  return attributes;
}

std::optional<std::string> bytes_in_array(const Json& array) {
  std::string bytes;
  for (const Json& element : array) {
    if (!element.is_number_integer() || element.get<std::int64_t>() < 0 ||
        element.get<std::int64_t>() > 255) {
      return std::nullopt;
    }
    bytes += static_cast<char>(element.get<std::int64_t>());
  }
  return bytes;
}

// Strings are kept verbatim, as the server does; lists of bytes and serialized Buffers become hex.
std::string decode_id(const Json& span, const char* name, bool required, const std::string& place) {
  const Json* id = member(span, name);
  if (id == nullptr) {
    if (required) {
      refuse_export(place, std::string(name) + " is missing");
    }
    return {};
  }
  std::string text;
  if (id->is_string()) {
    text = id->get<std::string>();
  } else {
    const Json* data = id->is_array() ? id : nullptr;
    if (id->is_object() && text_member(*id, "type") == "Buffer") {
      data = member(*id, "data");
    }
    const bool falsy =
        (id->is_boolean() && !id->get<bool>()) || (id->is_number() && id->get<double>() == 0.0);
    if (!required && falsy) {
      return {};
    }
    const auto bytes = data != nullptr && data->is_array() ? bytes_in_array(*data) : std::nullopt;
    if (!bytes) {
      refuse_export(place, std::string(name) + " is neither a string nor a list of bytes");
    }
    text = to_hex(*bytes);
  }
  if (required && text.empty()) {
    refuse_export(place, std::string(name) + " is empty");
  }
  return text;
}

ReceivedSpan decode_span(const Json& json, const std::shared_ptr<const SpanOrigin>& origin,
                         std::size_t resource, std::size_t scope, std::size_t index,
                         ExportMeter& meter) {
  if (!json.is_object()) {
    refuse_export(span_place(resource, scope, index, ""), "is not an object");
  }
  ReceivedSpan span;
  span.origin = origin;
  span.name = text_member(json, "name");
  const std::string place = span_place(resource, scope, index, span.name);
  span.trace_id = decode_id(json, "traceId", true, place);
  span.span_id = decode_id(json, "spanId", true, place);
  span.parent_span_id = decode_id(json, "parentSpanId", false, place);
  if (const Json* start = member(json, "startTimeUnixNano"); start != nullptr) {
    span.start_unix_nano = integer_of(*start);
  }
  if (const Json* end = member(json, "endTimeUnixNano"); end != nullptr) {
    span.end_unix_nano = integer_of(*end);
  }
  span.attributes = decode_attributes(array_member(json, "attributes", place), place, meter);
  if (const Json* events = array_member(json, "events", place); events != nullptr) {
    for (std::size_t i = 0; i < events->size(); ++i) {
      meter.count_value();
      const Json& event = (*events)[i];
      const std::string event_place = place + ".events[" + std::to_string(i) + "]";
      if (!event.is_object()) {
        refuse_export(event_place, "is not an object");
      }
      span.events.push_back(
          {text_member(event, "name"),
           decode_attributes(array_member(event, "attributes", event_place), event_place, meter)});
    }
  }
  if (const Json* status = member(json, "status"); status != nullptr && status->is_object()) {
    // Names such as "STATUS_CODE_ERROR" are ignored by the server: numbers only.
    if (const Json* code = member(*status, "code"); code != nullptr && code->is_number_integer()) {
      span.status_code = static_cast<int>(code->get<std::int64_t>());
    } else if (code != nullptr) {
      span.unread_status_code = to_text(*code);
    }
    span.status_message = text_member(*status, "message");
  }
  return span;
}

void decode_scope_spans(const Json& json, const Attributes& resource_attributes,
                        std::size_t resource, std::size_t scope_index,
                        std::vector<ReceivedSpan>& spans, ExportMeter& meter) {
  const std::string place = "resourceSpans[" + std::to_string(resource) + "].scopeSpans[" +
                            std::to_string(scope_index) + "]";
  if (!json.is_object()) {
    refuse_export(place, "is not an object");
  }
  auto origin = std::make_shared<SpanOrigin>();
  meter.count_origin(bytes_of(resource_attributes));
  origin->resource = resource_attributes;
  if (const Json* scope = member(json, "scope"); scope != nullptr && scope->is_object()) {
    origin->scope_name = text_member(*scope, "name");
    origin->scope_version = text_member(*scope, "version");
    const std::string scope_place = place + ".scope";
    origin->scope_attributes =
        decode_attributes(array_member(*scope, "attributes", scope_place), scope_place, meter);
  }
  const std::size_t origin_bytes = bytes_of(origin->resource) + bytes_of(origin->scope_attributes);
  const Json* list = array_member(json, "spans", place);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    meter.count_span(origin_bytes);
    spans.push_back(decode_span((*list)[i], origin, resource, scope_index, i, meter));
  }
}

}  // namespace

std::vector<ReceivedSpan> decode_otlp_json(std::string_view body) {
  std::string error;
  const std::optional<Json> document = parse_json(body, &error);
  if (!document) {
    throw InvalidExport("Failed to parse OTel JSON Trace: " + error);
  }
  if (!document->is_object()) {
    throw InvalidExport("Failed to parse OTel JSON Trace: the body is not a JSON object");
  }
  return decode_otlp_request(*document);
}

std::vector<ReceivedSpan> decode_otlp_request(const Json& request) {
  std::vector<ReceivedSpan> spans;
  ExportMeter meter;
  const Json* resource_spans = array_member(request, "resourceSpans", "the request");
  for (std::size_t i = 0; resource_spans != nullptr && i < resource_spans->size(); ++i) {
    const Json& json = (*resource_spans)[i];
    const std::string place = "resourceSpans[" + std::to_string(i) + "]";
    if (!json.is_object()) {
      refuse_export(place, "is not an object");
    }
    Attributes resource;
    if (const Json* object = member(json, "resource"); object != nullptr && object->is_object()) {
      const std::string resource_place = place + ".resource";
      resource = decode_attributes(array_member(*object, "attributes", resource_place),
                                   resource_place, meter);
    }
    const Json* scope_spans = array_member(json, "scopeSpans", place);
    for (std::size_t j = 0; scope_spans != nullptr && j < scope_spans->size(); ++j) {
      decode_scope_spans((*scope_spans)[j], resource, i, j, spans, meter);
    }
  }
  return spans;
}

}  // namespace langfuse_receiver

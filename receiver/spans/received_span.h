// An OTLP export after decoding: what both decoders (protobuf and JSON) produce and the conversion
// to observations reads. Plain data; nothing here is interpreted yet.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "receiver/base/json_text.h"

namespace langfuse_receiver {

// A request body that cannot be accepted. The text goes to the client as it is, so it names the
// span and the field.
class InvalidExport : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `place` names the span, for instance "resourceSpans[0].scopeSpans[0].spans[2]".
[[noreturn]] inline void refuse_export(const std::string& place, const std::string& problem) {
  throw InvalidExport("Invalid OTLP trace export: " + place + ": " + problem);
}

// `value` is a string, a bool, a number or an array of those. What the server has no form for
// (maps, bytes, empty arrays, empty values) is a string with the OTLP JSON of the value, as the
// server stores it.
struct Attribute {
  std::string key;
  Json value;
  bool is_otlp_text = false;  // it, or an element of it, had such a value
};

using Attributes = std::vector<Attribute>;

// The resource and the instrumentation scope of a span, shared by all spans below them.
struct SpanOrigin {
  Attributes resource;
  std::string scope_name;
  std::string scope_version;
  Attributes scope_attributes;
};

// A span event; only the ones of the GenAI conventions are ever read.
struct SpanEvent {
  std::string name;
  Attributes attributes;
};

struct ReceivedSpan {
  std::shared_ptr<const SpanOrigin> origin;
  std::string trace_id;        // hex as sent; bytes of protobuf are written in lower case
  std::string span_id;         // the same
  std::string parent_span_id;  // empty: a root
  std::string name;
  std::optional<std::int64_t> start_unix_nano;
  std::optional<std::int64_t> end_unix_nano;
  Attributes attributes;
  std::vector<SpanEvent> events;
  int status_code = 0;  // 0 unset, 1 ok, 2 error
  std::string status_message;
  std::string unread_status_code;  // JSON only: a code by its name, which the server ignores
};

// Null if the key is absent. Of a key sent twice the last one counts, as in the server, which reads
// attributes into a map.
const Json* find_attribute(const Attributes& attributes, std::string_view key);

// The value's text if it is a non-empty string, else an empty view.
std::string_view text_attribute(const Attributes& attributes, std::string_view key);

// A value where text is wanted: text as it is, anything else as JSON. Whole doubles lose their
// ".0", as in JavaScript.
std::string as_text(const Json& value);

// The first of `keys` that is set, as text.
template <typename... Keys>
std::string first_text(const Attributes& attributes, Keys... keys) {
  for (const char* key : {keys...}) {
    if (const Json* value = find_attribute(attributes, key); value != nullptr) {
      if (std::string text = as_text(*value); !text.empty()) {
        return text;
      }
    }
  }
  return {};
}

// `number` as JavaScript writes it: a whole one without a fraction, one that is not finite by its
// name.
Json number_or_text(double number);

// `resourceSpans[0].scopeSpans[1].spans[7] ("checkout")`, the way errors name a span.
std::string span_place(std::size_t resource, std::size_t scope, std::size_t span,
                       std::string_view name);

}  // namespace langfuse_receiver

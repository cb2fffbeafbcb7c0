// The attributes of a record, as parts: each says how many bytes it takes at most and writes them,
// so that a record cannot hold what was not counted.
#pragma once

#include <cstddef>
#include <type_traits>

#include "model/attribute_encoder.h"
#include "model/attribute_key.h"
#include "storage/span_record.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// All parts are views, and stand in an expression only.

struct ConstantPart {
  const ConstantAttribute& attribute;

  static constexpr std::size_t bound() noexcept { return constant_room; }
  char* write(char* out) const noexcept { return attribute.write(out); }
};

struct TextPart {
  const AttributeKey& key;
  const Text& text;

  std::size_t bound() const noexcept { return text_attribute_bound(key, text.size()); }
  char* write(char* out) const noexcept { return write_text_attribute(out, key, text); }
};

// A text that is left out when it is empty.
struct OptionalTextPart {
  const AttributeKey& key;
  const Text& text;

  std::size_t bound() const noexcept { return text.empty() ? 0 : TextPart{key, text}.bound(); }
  char* write(char* out) const noexcept {
    return text.empty() ? out : TextPart{key, text}.write(out);
  }
};

struct BoolPart {
  const AttributeKey& key;
  bool value;

  std::size_t bound() const noexcept { return scalar_attribute_bound(key); }
  char* write(char* out) const noexcept { return write_bool_attribute(out, key, value); }
};

template <class Integer>
struct IntegerPart {
  const AttributeKey& key;
  Integer value;
  bool is_there;

  IntegerPart(const AttributeKey& of, Integer number, bool is_wanted) noexcept
      : key(of), value(number), is_there(is_wanted) {}
  std::size_t bound() const noexcept { return is_there ? scalar_attribute_bound(key) : 0; }
  char* write(char* out) const noexcept {
    if (!is_there) return out;
    if constexpr (std::is_signed<Integer>::value) {
      return write_integer_attribute(out, key, value);
    } else {
      return write_unsigned_attribute(out, key, value);
    }
  }
};

struct TraceAttributesPart {
  const TraceAttributes& attributes;

  std::size_t bound() const noexcept { return attributes.size(); }
  char* write(char* out) const noexcept { return attributes.write(out); }
};

// Encodes a span with these parts as its attributes, in their order. A part is anything that has a
// `bound()` and a `write()`.
template <class... Parts>
EncodedRecord encode_parts(const SpanFields& fields, std::size_t max_bytes,
                           const Parts&... parts) noexcept {
  const std::size_t bound = (parts.bound() + ...);
  return encode_span(fields, bound, max_bytes, [&](char* out) {
    ((out = parts.write(out)), ...);
    return out;
  });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "model/attribute_encoder.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Field numbers of `KeyValue` and `AnyValue`: opentelemetry/proto/common/v1/common.proto.
constexpr int key_field = 1;
constexpr int value_field = 2;
constexpr int string_value_field = 1;
constexpr int bool_value_field = 2;
constexpr int int_value_field = 3;
constexpr int double_value_field = 4;

// Everything in front of the `AnyValue`, whose size is given.
char* begin_attribute(char* out, const AttributeKey& key, std::size_t value_size,
                      int field) noexcept {
  const std::size_t key_size = key.size();
  out = write_length_field(out, field, length_field_size(key_size) + length_field_size(value_size));
  out = key.write(write_length_field(out, key_field, key_size));
  return write_length_field(out, value_field, value_size);
}

template <class Number>
char* write_number_as_text(char* out, const AttributeKey& key, Number value) noexcept {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  return write_raw(begin_text_attribute(out, key, text.size()), text);
}

}  // namespace

std::size_t attribute_key_offset(std::string_view attribute) noexcept {
  std::size_t offset = 1;
  while ((static_cast<unsigned char>(attribute[offset]) & 0x80) != 0) ++offset;
  offset += 2;
  while ((static_cast<unsigned char>(attribute[offset]) & 0x80) != 0) ++offset;
  return offset + 1;
}

char* begin_text_attribute(char* out, const AttributeKey& key, std::size_t text_size,
                           int field) noexcept {
  out = begin_attribute(out, key, length_field_size(text_size), field);
  return write_length_field(out, string_value_field, text_size);
}

char* write_text_attribute(char* out, const AttributeKey& key, const Text& text,
                           int field) noexcept {
  return text.write(begin_text_attribute(out, key, text.size(), field));
}

char* write_bool_attribute(char* out, const AttributeKey& key, bool value) noexcept {
  out = begin_attribute(out, key, 2, span_attributes_field);
  *out++ = varint_tag(bool_value_field);
  *out++ = value ? '\1' : '\0';
  return out;
}

char* write_integer_attribute(char* out, const AttributeKey& key, std::int64_t value) noexcept {
  if (value > largest_exact_integer || value < -largest_exact_integer) {
    return write_number_as_text(out, key, value);
  }
  const std::uint64_t bits = static_cast<std::uint64_t>(value);
  out = begin_attribute(out, key, 1 + varint_size(bits), span_attributes_field);
  *out++ = varint_tag(int_value_field);
  return write_varint(out, bits);
}

char* write_unsigned_attribute(char* out, const AttributeKey& key, std::uint64_t value) noexcept {
  if (value > static_cast<std::uint64_t>(largest_exact_integer)) {
    return write_number_as_text(out, key, value);
  }
  return write_integer_attribute(out, key, static_cast<std::int64_t>(value));
}

char* write_real_attribute(char* out, const AttributeKey& key, double value) noexcept {
  const std::string_view text = not_finite_text(value);
  if (!text.empty()) return write_raw(begin_text_attribute(out, key, text.size()), text);
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof value);
  std::memcpy(&bits, &value, sizeof bits);
  out = begin_attribute(out, key, 9, span_attributes_field);
  return write_fixed64(out, double_value_field, bits);
}

std::string_view not_finite_text(double value) noexcept {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return {};
}

void append_text_attribute(std::string& out, std::string_view key, std::string_view text,
                           int field) {
  const AttributeKey attribute_key{std::string_view(), Text(key)};
  const Text measured(text);
  const std::size_t begin = out.size();
  out.resize(begin + text_attribute_size(attribute_key.size(), measured.size()));
  write_text_attribute(out.data() + begin, attribute_key, measured, field);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

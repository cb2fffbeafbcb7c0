#include "model/attribute_encoder.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Field numbers of `AnyValue`: opentelemetry/proto/common/v1/common.proto.
constexpr int bool_value_field = 2;
constexpr int double_value_field = 4;

template <class Number>
char* write_number_as_text(char* out, const FullKey& key, Number value) noexcept {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  return write_raw(begin_text_attribute(out, key, text.size()), text);
}

template <class Integer>
char* write_double_or_text(char* out, const FullKey& key, Integer value) noexcept {
  return is_exact_integer(value) ? write_real_attribute(out, key, static_cast<double>(value))
                                 : write_number_as_text(out, key, value);
}

}  // namespace

std::size_t attribute_key_offset(std::string_view attribute) noexcept {
  std::size_t offset = 1;
  while ((static_cast<unsigned char>(attribute[offset]) & 0x80) != 0) ++offset;
  offset += 2;
  while ((static_cast<unsigned char>(attribute[offset]) & 0x80) != 0) ++offset;
  return offset + 1;
}

char* write_bool_attribute(char* out, const FullKey& key, bool value) noexcept {
  out = begin_attribute(out, key, 2);
  *out++ = varint_tag(bool_value_field);
  *out++ = value ? '\1' : '\0';
  return out;
}

char* write_other_integer(char* out, const FullKey& key, std::int64_t value) noexcept {
  return write_double_or_text(out, key, value);
}

char* write_other_integer(char* out, const FullKey& key, std::uint64_t value) noexcept {
  return write_double_or_text(out, key, value);
}

char* write_real_attribute(char* out, const FullKey& key, double value) noexcept {
  const std::string_view text = not_finite_text(value);
  if (!text.empty()) return write_raw(begin_text_attribute(out, key, text.size()), text);
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof value);
  std::memcpy(&bits, &value, sizeof bits);
  out = begin_attribute(out, key, 9);
  return write_fixed64(out, double_value_field, bits);
}

std::string_view not_finite_text(double value) noexcept {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return {};
}

void append_text_attribute(std::string& out, std::string_view key, std::string_view text,
                           int field) {
  constexpr AttributeKey no_prefix("");
  const Text key_text(key);
  const FullKey full_key(no_prefix, key_text);
  const Text measured(text);
  const std::size_t begin = out.size();
  const std::size_t size = text_attribute_size(full_key, measured.size());
  out.resize(begin + size + attribute_slack);
  write_text_attribute(out.data() + begin, full_key, measured, field);
  out.resize(begin + size);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

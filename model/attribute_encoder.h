// Attributes: OTLP `KeyValue` messages as a field of the message that carries them.
//
// What the server mishandles cannot be written here: an attribute without a value, an integer that
// a double cannot hold (it becomes text), NaN and infinity (text too), arrays, maps and bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/protobuf_writer.h"
#include "model/utf8.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The number of the field `attributes` in the messages that have one.
constexpr int resource_attributes_field = 1;
constexpr int scope_attributes_field = 3;
constexpr int span_attributes_field = 9;

// Numbers beyond this lose digits where JavaScript reads them.
constexpr std::int64_t largest_exact_integer = std::int64_t{1} << 53;

// One of our own keys, with a part given by the user behind it.
struct AttributeKey {
  std::string_view prefix;
  Text suffix;

  AttributeKey(std::string_view key) noexcept : prefix(key) {}
  AttributeKey(const char* key) noexcept : prefix(key) {}
  AttributeKey(std::string_view our_prefix, const Text& users_part) noexcept
      : prefix(our_prefix), suffix(users_part) {}
  std::size_t size() const noexcept { return prefix.size() + suffix.size(); }
  char* write(char* out) const noexcept { return suffix.write(write_raw(out, prefix)); }
};

// Exactly what `write_text_attribute` writes.
constexpr std::size_t text_attribute_size(std::size_t key_size, std::size_t text_size) noexcept {
  return length_field_size(length_field_size(key_size) +
                           length_field_size(length_field_size(text_size)));
}

// At most what the writers of bools and numbers write.
constexpr std::size_t scalar_attribute_bound(std::size_t key_size) noexcept {
  return text_attribute_size(key_size, 32);
}

// Where the key begins in a written attribute.
std::size_t attribute_key_offset(std::string_view attribute) noexcept;

char* write_text_attribute(char* out, const AttributeKey& key, const Text& text,
                           int field = span_attributes_field) noexcept;
// As `write_text_attribute`, for text that somebody else writes: `text_size` bytes must follow.
char* begin_text_attribute(char* out, const AttributeKey& key, std::size_t text_size,
                           int field = span_attributes_field) noexcept;
char* write_bool_attribute(char* out, const AttributeKey& key, bool value) noexcept;
char* write_integer_attribute(char* out, const AttributeKey& key, std::int64_t value) noexcept;
char* write_unsigned_attribute(char* out, const AttributeKey& key, std::uint64_t value) noexcept;
char* write_real_attribute(char* out, const AttributeKey& key, double value) noexcept;

// `NaN`, `Infinity`, `-Infinity` for what is not finite; empty otherwise.
std::string_view not_finite_text(double value) noexcept;

// Appends a text attribute to a buffer that grows: for what is encoded once at the start. Throws
// only for lack of memory.
void append_text_attribute(std::string& out, std::string_view key, std::string_view text,
                           int field = span_attributes_field);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

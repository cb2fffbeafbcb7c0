// Attributes: OTLP `KeyValue` messages, as a field of the message that carries them.
//
// This file cannot write what servers mishandle: attributes without a value, arrays, maps and
// bytes. An integer outside 0 … 2^31 - 1 becomes a double, or text where a double cannot hold it;
// NaN and infinity become text. The functions that every record uses are inline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/attribute_key.h"
#include "model/cut_text.h"
#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The number of the field `attributes` in the messages that have one.
constexpr int resource_attributes_field = 1;
constexpr int scope_attributes_field = 3;
constexpr int span_attributes_field = 9;

// Servers before 3.214 read the low half of an integer as a signed number, and misread those that
// have its bit 31 set. No integer of 0 … 2^31 - 1 has it.
constexpr std::uint64_t largest_plain_integer = (std::uint64_t{1} << 31) - 1;
// JavaScript reads larger numbers inexactly.
constexpr std::int64_t largest_exact_integer = std::int64_t{1} << 53;

// A writer may touch this many bytes behind what it writes, so the room for an attribute must be
// that much larger.
constexpr std::size_t attribute_slack = constant_room;

// The exact size of what `write_text_attribute` writes.
inline std::size_t text_attribute_size(const FullKey& key, std::size_t text_size) noexcept {
  const std::size_t value_size = length_field_size(text_size);
  return length_field_size(key.size() + varint_size(value_size) + value_size);
}

// An upper bound of that size, faster to compute; reserved in records.
inline std::size_t text_attribute_bound(const FullKey& key, std::size_t text_size) noexcept {
  return key.size() + text_size + 2 + 3 * padded_length_size;
}
// An upper bound of what the writers of bools and numbers write.
inline std::size_t scalar_attribute_bound(const FullKey& key) noexcept {
  return text_attribute_bound(key, 32);
}

// Writes everything before the `AnyValue`. `value_size` bytes of that must follow.
inline char* begin_attribute(char* out, const FullKey& key, std::size_t value_size,
                             int field = span_attributes_field) noexcept {
  out = write_length_field(out, field, key.size() + varint_size(value_size) + value_size);
  return write_varint(key.write(out), value_size);
}

// Writes everything before the text of a text attribute. `text_size` bytes of text must follow.
inline char* begin_text_attribute(char* out, const FullKey& key, std::size_t text_size,
                                  int field = span_attributes_field) noexcept {
  constexpr int string_value_field = 1;
  out = begin_attribute(out, key, length_field_size(text_size), field);
  return write_length_field(out, string_value_field, text_size);
}

inline char* write_text_attribute(char* out, const FullKey& key, const Text& text,
                                  int field = span_attributes_field) noexcept {
  return text.write(begin_text_attribute(out, key, text.size(), field));
}

// Write an integer outside 0 … 2^31 - 1: as a double, or as text where a double cannot hold it.
char* write_other_integer(char* out, const FullKey& key, std::int64_t value) noexcept;
char* write_other_integer(char* out, const FullKey& key, std::uint64_t value) noexcept;

// REQUIRES: `value` is at most `largest_plain_integer`.
inline char* write_plain_integer(char* out, const FullKey& key, std::uint64_t value) noexcept {
  constexpr int int_value_field = 3;
  out = begin_attribute(out, key, 1 + varint_size(value));
  *out++ = varint_tag(int_value_field);
  return write_varint(out, value);
}

// The same under a key of ours: so short that all lengths take one byte.
inline char* write_plain_integer(char* out, const AttributeKey& key, std::uint64_t value) noexcept {
  constexpr int int_value_field = 3;
  const std::size_t value_size = 1 + varint_size(value);
  *out++ = length_tag(span_attributes_field);
  *out++ = static_cast<char>(key.size() + 1 + value_size);
  out = key.write(out);
  *out++ = static_cast<char>(value_size);
  *out++ = varint_tag(int_value_field);
  return write_varint(out, value);
}

inline char* write_integer_attribute(char* out, const FullKey& key, std::int64_t value) noexcept {
  const std::uint64_t bits = static_cast<std::uint64_t>(value);  // too large if negative
  return bits <= largest_plain_integer ? write_plain_integer(out, key, bits)
                                       : write_other_integer(out, key, value);
}

inline char* write_unsigned_attribute(char* out, const FullKey& key, std::uint64_t value) noexcept {
  return value <= largest_plain_integer ? write_plain_integer(out, key, value)
                                        : write_other_integer(out, key, value);
}

char* write_bool_attribute(char* out, const FullKey& key, bool value) noexcept;
char* write_real_attribute(char* out, const FullKey& key, double value) noexcept;

// True if a double, and so JavaScript, holds the integer exactly.
constexpr bool is_exact_integer(std::int64_t value) noexcept {
  return value <= largest_exact_integer && value >= -largest_exact_integer;
}
constexpr bool is_exact_integer(std::uint64_t value) noexcept {
  return value <= static_cast<std::uint64_t>(largest_exact_integer);
}

// `NaN`, `Infinity` or `-Infinity`; empty for a finite value.
std::string_view not_finite_text(double value) noexcept;

// The offset of the key's text in a written attribute.
std::size_t attribute_key_offset(std::string_view attribute) noexcept;

// Appends a text attribute to a growing buffer, for attributes that are encoded once at the start.
// Throws only for lack of memory.
void append_text_attribute(std::string& out, std::string_view key, std::string_view text,
                           int field = span_attributes_field);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

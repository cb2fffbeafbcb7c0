// The pieces of the protobuf wire format that OTLP needs. They are written into memory whose size
// the caller has computed.
//
// Every `write_…` returns where the next byte goes, and writes no more than the matching size
// function returns. Source: protobuf's "Encoding" page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "model/likely.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The tag byte of a field; all our field numbers are below 16.
constexpr char varint_tag(int field) noexcept {
  return static_cast<char>(field << 3);
}
constexpr char fixed64_tag(int field) noexcept {
  return static_cast<char>(field << 3 | 1);
}
constexpr char length_tag(int field) noexcept {
  return static_cast<char>(field << 3 | 2);
}

constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

inline char* write_varint(char* out, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

// A length that is filled in afterwards always takes five bytes; readers accept the superfluous
// zero groups.
constexpr std::size_t padded_length_size = 5;

// The size of what precedes the `Span` message of a record: its tag in `ScopeSpans`, and its
// length.
constexpr std::size_t record_head_size = 1 + padded_length_size;

// REQUIRES: `length` < 2^35.
inline char* write_padded_length(char* out, std::uint64_t length) noexcept {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (likely(length < 1 << 14)) {  // nearly all: two groups, two superfluous ones, the end
    const auto groups = static_cast<std::uint32_t>((length & 0x7F) | ((length << 1) & 0x7F00));
    const std::uint32_t bytes = groups | 0x80808080u;
    std::memcpy(out, &bytes, sizeof bytes);
    out[4] = 0;
    return out + padded_length_size;
  }
#endif
  for (int group = 0; group < 4; ++group, length >>= 7) *out++ = static_cast<char>(length | 0x80);
  *out++ = static_cast<char>(length);
  return out;
}

inline char* write_fixed64(char* out, int field, std::uint64_t value) noexcept {
  *out++ = fixed64_tag(field);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
#else
  for (int byte = 0; byte < 8; ++byte, value >>= 8) *out++ = static_cast<char>(value);
  return out;
#endif
}

// The size of a length-delimited field with `size` bytes of content, tag and length included.
constexpr std::size_t length_field_size(std::size_t size) noexcept {
  return 1 + varint_size(size) + size;
}

// Writes tag and length of a length-delimited field; `size` bytes must follow.
inline char* write_length_field(char* out, int field, std::size_t size) noexcept {
  *out++ = length_tag(field);
  return write_varint(out, size);
}

inline char* write_raw(char* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

inline char* write_bytes_field(char* out, int field, std::string_view bytes) noexcept {
  return write_raw(write_length_field(out, field, bytes.size()), bytes);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

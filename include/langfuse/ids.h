// The ids of traces and spans, as in OpenTelemetry and W3C Trace Context.
//
// Plain value types: 16 bytes for a trace, 8 for a span. The id of a Langfuse observation is its
// span id, in lower-case hex. An id of zeros only is invalid and means "none".
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The lower-case hex text of an id: `Digits` characters, NUL-terminated. Converts to
// `std::string_view`, which is valid as long as this object.
template <int Digits>
struct HexText {
  char text[static_cast<std::size_t>(Digits) + 1];

  operator std::string_view() const noexcept { return {text, Digits}; }
  const char* c_str() const noexcept { return text; }
};

namespace internal {

constexpr void write_hex(const unsigned char* bytes, int count, char* text) noexcept {
  constexpr char digits[] = "0123456789abcdef";
  for (int i = 0; i < count; ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  text[2 * count] = '\0';
}

// Reads `count` bytes from `text`. False, with `bytes` unspecified, when `text` is not 2 * `count`
// lower-case hex digits (W3C and Langfuse accept no others).
constexpr bool read_hex(std::string_view text, unsigned char* bytes, int count) noexcept {
  if (text.size() != 2 * static_cast<std::size_t>(count)) return false;
  for (int i = 0; i < 2 * count; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    unsigned value = 0;
    if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = static_cast<unsigned>(c - 'a' + 10);
    } else {
      return false;
    }
    bytes[i / 2] = static_cast<unsigned char>(i % 2 == 0 ? value << 4 : bytes[i / 2] | value);
  }
  return true;
}

// The common base of trace ids and span ids.
template <int Size>
struct Id {
  unsigned char bytes[static_cast<std::size_t>(Size)] = {};

  bool is_valid() const noexcept { return *this != Id(); }
  // The bytes as the wire has them.
  std::string_view raw() const noexcept { return {reinterpret_cast<const char*>(bytes), Size}; }
  HexText<2 * Size> hex() const noexcept {
    HexText<2 * Size> result{};
    write_hex(bytes, Size, result.text);
    return result;
  }
  // Compilers make two words of that; of a loop over bytes, they do not.
  friend bool operator==(const Id& a, const Id& b) noexcept { return a.raw() == b.raw(); }
  friend bool operator!=(const Id& a, const Id& b) noexcept { return !(a == b); }
};

}  // namespace internal

// 16 bytes; 32 lower-case hex digits on the wire.
struct TraceId : internal::Id<16> {
  // The id that `hex` spells; an invalid id when it is not 32 lower-case hex digits.
  static TraceId from_hex(std::string_view hex) noexcept {
    TraceId id;
    return internal::read_hex(hex, id.bytes, 16) ? id : TraceId{};
  }
};

// 8 bytes; 16 lower-case hex digits on the wire.
struct SpanId : internal::Id<8> {
  // The id that `hex` spells; an invalid id when it is not 16 lower-case hex digits.
  static SpanId from_hex(std::string_view hex) noexcept {
    SpanId id;
    return internal::read_hex(hex, id.bytes, 8) ? id : SpanId{};
  }
};

// The ids of one observation; all that is known of a remote parent. Default-constructed, it is
// invalid and means "no parent".
struct SpanContext {
  TraceId trace_id;
  SpanId span_id;

  bool is_valid() const noexcept { return trace_id.is_valid() && span_id.is_valid(); }
  friend bool operator==(const SpanContext& a, const SpanContext& b) noexcept {
    return a.trace_id == b.trace_id && a.span_id == b.span_id;
  }
  friend bool operator!=(const SpanContext& a, const SpanContext& b) noexcept { return !(a == b); }
};

// A random id; never invalid. Any thread; never blocks.
LANGFUSE_API TraceId create_trace_id() noexcept;
// The id derived from `seed`, for instance from the number of an order, so that the trace can be
// found by that number. It is the beginning of the seed's SHA-256, as in the other SDKs
// (`create_trace_id` of `client.py`). An empty seed gives a random id. Any thread.
LANGFUSE_API TraceId create_trace_id(std::string_view seed) noexcept;
LANGFUSE_API SpanId create_observation_id(std::string_view seed) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/ids_stubs.h"
#endif

// The header texts that carry a trace to another process: `traceparent` of W3C Trace Context, level
// 1, and W3C Baggage. Both come from outside, so nothing in them is trusted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

constexpr std::size_t traceparent_size = 55;
// W3C Baggage, section 3.3.2: the size that must at least be passed on.
constexpr std::size_t largest_baggage = 8192;

// Writes `traceparent_size` characters.
void write_traceparent(const SpanContext& span, bool is_sampled, char* text) noexcept;
// Invalid for any text that is not a `traceparent`. Of later versions, the part that this version
// defines is read.
SpanContext parse_traceparent(std::string_view text) noexcept;

bool is_baggage_key(std::string_view key) noexcept;  // a token of RFC 9110
// Appends `text`, with all characters percent-encoded that a value may not have, commas included.
void append_baggage_value(std::string& out, std::string_view text);
// The text of a value. A `%` without two hexadecimal digits stays unchanged.
std::string decode_baggage_value(std::string_view value);

// Reads the members of a header one by one, without their properties.
class BaggageReader {
 public:
  explicit BaggageReader(std::string_view header) noexcept
      : rest_(header.substr(0, largest_baggage)) {}

  // The next member that has a key and a value; false at the end.
  bool next(std::string_view& key, std::string_view& value) noexcept;

 private:
  std::string_view rest_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

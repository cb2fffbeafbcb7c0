// The texts by which a trace goes from process to process: W3C Trace Context's `traceparent`,
// level 1, and W3C Baggage. Both come from outside and are trusted in nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

constexpr std::size_t traceparent_size = 55;
// W3C Baggage, section 3.3.2: what must at least be passed on.
constexpr std::size_t largest_baggage = 8192;

// Writes `traceparent_size` characters.
void write_traceparent(const SpanContext& span, bool is_sampled, char* text) noexcept;
// An invalid one for anything that is not a `traceparent`. Later versions are read as far as they
// are this one.
SpanContext parse_traceparent(std::string_view text) noexcept;

bool is_baggage_key(std::string_view key) noexcept;  // a token of RFC 9110
// Appends `text` with everything percent-encoded that may not stand in a value, commas included.
void append_baggage_value(std::string& out, std::string_view text);
// The text of a value; what is no percent-encoding stays as it is.
std::string decode_baggage_value(std::string_view value);

// Takes the members of a header one by one, properties left out.
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

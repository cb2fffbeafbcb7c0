// Times as the server reads them: ISO 8601 in UTC, in milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// "2026-08-06T07:06:43.120Z".
struct UtcTimeText {
  static constexpr std::size_t size = 24;
  char text[size];

  operator std::string_view() const noexcept { return {text, size}; }
};

// `unix_nano`: ns since the Unix epoch, not negative. Digits below a millisecond are cut off.
UtcTimeText utc_time_text(std::int64_t unix_nano) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Numbers as JSON text, most of them without the general algorithm: what people write down has few
// decimals.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

constexpr std::size_t longest_number = 32;

// Returns where the next byte goes, at most `longest_number` behind `out`.
template <class Integer>
char* write_integer_text(char* out, Integer value) noexcept {
  return std::to_chars(out, out + longest_number, value).ptr;
}

// A number of at most six decimals, 0 <= `value` < 1 000 000, without an exponent. Null, and
// nothing is written, for any other.
inline char* write_short_real(char* out, double value) noexcept {
  constexpr std::uint64_t unit = 1'000'000;
  if (std::signbit(value) || !(value < static_cast<double>(unit))) return nullptr;
  const auto millionths =
      static_cast<std::uint64_t>(std::llrint(value * static_cast<double>(unit)));
  // The quotient is rounded as a reader rounds the decimal number: what is equal here is read as
  // `value` again.
  if (static_cast<double>(millionths) / static_cast<double>(unit) != value) return nullptr;
  out = write_integer_text(out, millionths / unit);
  std::uint64_t rest = millionths % unit;
  if (rest == 0) return out;
  *out++ = '.';
  while (rest > 0) {
    rest *= 10;
    *out++ = static_cast<char>('0' + rest / unit);
    rest %= unit;
  }
  return out;
}

// The shortest text that is read as `value` again. REQUIRES: finite.
inline char* write_real_text(char* out, double value) noexcept {
  char* const end = write_short_real(out, value);
  return end != nullptr ? end : std::to_chars(out, out + longest_number, value).ptr;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The value of one hexadecimal digit in either case, for text that other programs wrote; -1 for any
// other character. Ids, which are in lower case only, are read by `langfuse/ids.h`.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

inline int hex_digit(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

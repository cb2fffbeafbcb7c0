// Lower case of ASCII, whatever the locale of the program: for names that are compared without
// regard to case.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

inline char lower_case(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The first place in `text` at which `wanted` stands, in either case. `wanted` is in lower case.
// `text.size()` if there is none.
inline std::size_t find_in_either_case(std::string_view text, std::string_view wanted) noexcept {
  const auto found = std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                                 [](char given, char lower) { return lower_case(given) == lower; });
  return static_cast<std::size_t>(found - text.begin());
}

// True if `text` begins with `start`, which is in lower case, in either case.
inline bool begins_in_either_case(std::string_view text, std::string_view start) noexcept {
  return text.size() >= start.size() &&
         find_in_either_case(text.substr(0, start.size()), start) == 0;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

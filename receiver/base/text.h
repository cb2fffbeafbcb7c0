// What every room does with text. Letters are ASCII, whatever the locale.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace langfuse_receiver {

// C++20 has this as a member of `std::string_view`.
inline bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// `text` in lower case.
std::string lowered(std::string_view text);

// `text` holds `part` in any case. REQUIRES: `part` is in lower case.
bool contains_ignoring_case(std::string_view text, std::string_view part);

inline constexpr std::string_view hex_digits = "0123456789abcdef";

// In lower case.
std::string to_hex(std::string_view bytes);

// Empty if `hex` is not what `to_hex` writes, in either case.
std::optional<std::string> from_hex(std::string_view hex);

}  // namespace langfuse_receiver

// C++20 has this as a member of `std::string_view`.

#pragma once

#include <string_view>

namespace langfuse_receiver {

inline bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace langfuse_receiver

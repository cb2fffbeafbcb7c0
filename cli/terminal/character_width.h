// The characters that a terminal draws, and their columns. For `terminal_text`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace langfuse_cli {

// One character as people see it: a code point with the marks over it, or an emoji of several.
struct Cluster {
  std::size_t length = 0;    // bytes, at least 1
  std::size_t width = 0;     // columns: 0 to 2
  bool is_steering = false;  // a control character, or a mark that turns the direction of text
};

// The first cluster of `text` (UTF-8, not empty; a stray byte counts as a character). Emoji that
// are joined (ZWJ), that have a skin colour, flags and keycaps are one cluster of two columns, as
// terminals draw them that know emoji; a control character is always a cluster of its own.
Cluster next_cluster(std::string_view text);

}  // namespace langfuse_cli

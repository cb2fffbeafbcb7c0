// Text for a terminal: its width, cutting and padding to a width, colours.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace langfuse_cli {

// Columns that `text` (UTF-8) takes: 2 for East Asian wide characters and emoji, 0 for combining
// marks.
std::size_t display_width(std::string_view text);

// At most `width` columns of `text`, ending in `…` if something was left out. Line breaks and
// other control characters become spaces, so that a logged text cannot control the terminal.
std::string fit(std::string_view text, std::size_t width);

// `fit`, filled up with spaces.
std::string pad(std::string_view text, std::size_t width);

enum class Colour { none, dim, bold, red, green, yellow, blue, magenta, cyan };

// Writes colours only if they are wanted.
class Palette {
 public:
  explicit Palette(bool enabled) : enabled_(enabled) {}

  // True if `descriptor` is a terminal and `NO_COLOR` is not set (no-color.org).
  static Palette for_descriptor(int descriptor);

  std::string paint(Colour colour, std::string_view text) const;

 private:
  bool enabled_;
};

// The columns of the terminal at `descriptor`; if it is no terminal, `COLUMNS`, or 110 without
// that.
std::size_t terminal_width(int descriptor);

}  // namespace langfuse_cli

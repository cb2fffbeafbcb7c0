#include "cli/terminal_text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace langfuse_cli {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Marks that are drawn over the character before them, joiners and variation selectors.
constexpr std::array<Range, 11> zero_width{{{0x0300, 0x036F},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05BD},
                                            {0x0610, 0x061A},
                                            {0x064B, 0x065F},
                                            {0x200B, 0x200F},
                                            {0x2060, 0x2064},
                                            {0x20D0, 0x20F0},
                                            {0xFE00, 0xFE0F},
                                            {0xFE20, 0xFE2F},
                                            {0xE0100, 0xE01EF}}};

// East Asian wide and full-width characters, and emoji (Unicode Annex 11, W and F).
constexpr std::array<Range, 21> double_width{
    {{0x1100, 0x115F},  {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x2614, 0x2615}, {0x2648, 0x2653},
     {0x26A1, 0x26A1},  {0x2705, 0x2705}, {0x274C, 0x274C}, {0x2753, 0x2757}, {0x2795, 0x2797},
     {0x2B50, 0x2B55},  {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0xA4CF},
     {0xAC00, 0xD7A3},  {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0x1F300, 0x1FAFF},
     {0x20000, 0x3FFFD}}};

template <std::size_t count>
bool is_in(const std::array<Range, count>& ranges, std::uint32_t code_point) {
  return std::any_of(ranges.begin(), ranges.end(), [code_point](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

struct Character {
  std::uint32_t code_point = 0;
  std::size_t length = 1;
};

// The text comes out of the receiver's JSON, so it is well-formed UTF-8; a stray byte counts as one
// character.
Character next_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1 || first < 0xC0 || text.size() < length) {
    return {first, 1};
  }
  std::uint32_t code_point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code_point = code_point << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {code_point, length};
}

std::size_t width_of(std::uint32_t code_point) {
  return is_in(zero_width, code_point) ? 0 : is_in(double_width, code_point) ? 2 : 1;
}

// The marks that turn the direction of text count too: they would turn what stands behind it.
bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
         (code_point >= 0x202A && code_point <= 0x202E) ||
         (code_point >= 0x2066 && code_point <= 0x2069);
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = next_character(text);
    width += width_of(character.code_point);
    text.remove_prefix(character.length);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  std::string fitted;
  std::size_t used = 0;
  std::size_t room_for_ellipsis = 0;  // bytes of `fitted` up to which `…` still fits behind
  while (!text.empty()) {
    const Character character = next_character(text);
    const bool control = is_control(character.code_point);
    const std::size_t columns = control ? 1 : width_of(character.code_point);
    if (used + columns > width) {
      fitted.resize(room_for_ellipsis);
      return width == 0 ? std::string{} : fitted + "…";
    }
    fitted += control ? " " : std::string(text.substr(0, character.length));
    used += columns;
    if (used < width) {
      room_for_ellipsis = fitted.size();
    }
    text.remove_prefix(character.length);
  }
  return fitted;
}

std::string pad(std::string_view text, std::size_t width) {
  std::string padded = fit(text, width);
  const std::size_t used = display_width(padded);
  return used < width ? padded.append(width - used, ' ') : padded;
}

Palette Palette::for_descriptor(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  return Palette(::isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0'));
}

std::string Palette::paint(Colour colour, std::string_view text) const {
  if (!enabled_ || colour == Colour::none) {
    return std::string(text);
  }
  constexpr std::array<const char*, 9> codes{"0", "2", "1", "31", "32", "33", "34", "35", "36"};
  return "\x1b[" + std::string(codes.at(static_cast<std::size_t>(colour))) + "m" +
         std::string(text) + "\x1b[0m";
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const long width = std::strtol(columns, nullptr, 10);
    if (width > 0 && width < 10'000) {
      return static_cast<std::size_t>(width);
    }
  }
  return 110;
}

}  // namespace langfuse_cli

#include "cli/terminal/character_width.h"

#include <algorithm>

#include "cli/terminal/width_tables.h"

namespace langfuse_cli {
namespace {

constexpr std::uint32_t zero_width_joiner = 0x200D;
constexpr std::uint32_t emoji_selector = 0xFE0F;  // the character before it is drawn as an emoji
constexpr std::uint32_t first_symbol = 0x203C;    // no letter from here on can become an emoji

struct Character {
  std::uint32_t code_point = 0;
  std::size_t length = 1;
};

// The text comes out of the receiver's JSON, so it is well-formed UTF-8 but for stray bytes.
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

template <std::size_t count>
bool is_in(const std::array<CharacterRange, count>& ranges, std::uint32_t code_point) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), code_point,
      [](std::uint32_t wanted, const CharacterRange& range) { return wanted < range.first; });
  return after != ranges.begin() && code_point <= (after - 1)->last;
}

std::size_t width_of(std::uint32_t code_point) {
  return is_in(zero_width, code_point) ? 0 : is_in(double_width, code_point) ? 2 : 1;
}

bool is_steering(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
         (code_point >= 0x202A && code_point <= 0x202E) ||
         (code_point >= 0x2066 && code_point <= 0x2069);
}

bool is_flag_letter(std::uint32_t code_point) {
  return code_point >= 0x1F1E6 && code_point <= 0x1F1FF;
}

bool is_skin_colour(std::uint32_t code_point) {
  return code_point >= 0x1F3FB && code_point <= 0x1F3FF;
}

// Whether the selector makes an emoji of it: digits become keycaps.
bool may_become_emoji(std::uint32_t code_point) {
  return code_point >= first_symbol || code_point == 0xA9 || code_point == 0xAE ||
         code_point == '#' || code_point == '*' || (code_point >= '0' && code_point <= '9');
}

}  // namespace

Cluster next_cluster(std::string_view text) {
  const Character base = next_character(text);
  Cluster cluster{base.length, width_of(base.code_point), is_steering(base.code_point)};
  if (cluster.is_steering) {
    return {base.length, 1, true};
  }
  std::uint32_t before = base.code_point;
  while (cluster.length < text.size()) {
    const Character next = next_character(text.substr(cluster.length));
    const bool is_emoji = cluster.width == 2 && base.code_point >= first_symbol;
    if (is_steering(next.code_point)) {
      break;
    }
    if (is_flag_letter(before) && cluster.length == base.length &&
        is_flag_letter(next.code_point)) {
      cluster.width = 2;
    } else if (next.code_point == emoji_selector && may_become_emoji(before)) {
      cluster.width = 2;
    } else if (width_of(next.code_point) != 0 &&
               !(is_emoji && (before == zero_width_joiner || is_skin_colour(next.code_point)))) {
      break;
    }
    before = next.code_point;
    cluster.length += next.length;
  }
  return cluster;
}

}  // namespace langfuse_cli

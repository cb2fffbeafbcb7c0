#include "model/utf8.h"

#include <cstdint>
#include <cstring>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Which byte of a word in memory is the first whose high bit is set. REQUIRES: there is one.
std::size_t first_high_byte(std::uint64_t high_bits) noexcept {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return static_cast<std::size_t>(__builtin_ctzll(high_bits)) / 8;
#else
  return static_cast<std::size_t>(__builtin_clzll(high_bits)) / 8;
#endif
}

std::size_t ascii_prefix(const char* text, std::size_t size) noexcept {
  std::size_t length = 0;
  for (; size - length >= sizeof(std::uint64_t); length += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, text + length, sizeof word);
    const std::uint64_t high_bits = word & 0x8080808080808080u;
    if (high_bits != 0) return length + first_high_byte(high_bits);
  }
  while (length < size && static_cast<unsigned char>(text[length]) < 0x80) ++length;
  return length;
}

// What the first bytes of a text are: a well-formed character, or a maximal subpart of one.
struct Sequence {
  std::size_t length;
  bool is_well_formed;
};

// Table 3-7 of the Unicode Standard: the lead byte says how many bytes follow and what the second
// may be; the rest are 80 to BF.
Sequence first_sequence(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true};
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;   // shorter forms exist
    if (lead == 0xED) high = 0x9F;  // surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;   // shorter forms exist
    if (lead == 0xF4) high = 0x8F;  // beyond U+10FFFF
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size() || byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

// The characters at the beginning that have two bytes, or three without a rule for the second: the
// letters of most languages, and most of all other signs.
std::size_t simple_prefix(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80; };
  std::size_t at = 0;
  while (at + 2 < text.size()) {
    const unsigned char lead = byte(at);
    if (lead >= 0xC2 && lead <= 0xDF) {
      if (!continues(at + 1)) break;
      at += 2;
    } else if (lead > 0xE0 && lead <= 0xEF && lead != 0xED) {
      if (!continues(at + 1) || !continues(at + 2)) break;
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

std::size_t well_formed_prefix(std::string_view text) noexcept {
  std::size_t length = 0;
  for (;;) {
    length += ascii_prefix(text.data() + length, text.size() - length);
    length += simple_prefix(text.substr(length));
    if (length == text.size()) return length;
    if (static_cast<unsigned char>(text[length]) < 0x80) continue;
    const Sequence next = first_sequence(text.substr(length));
    if (!next.is_well_formed) return length;
    length += next.length;
  }
}

std::size_t ill_formed_length(std::string_view text) noexcept {
  return first_sequence(text).length;
}

std::size_t utf16_size(std::string_view text) noexcept {
  std::size_t size = 0;
  while (!text.empty()) {
    const Sequence next = first_sequence(text);
    size += next.is_well_formed && next.length == 4 ? 2 : 1;
    text.remove_prefix(next.length);
  }
  return size;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

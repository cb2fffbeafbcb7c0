#include "model/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

// The same as `well_formed_prefix`, by decoding.
std::size_t decoded_prefix(const std::string& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned lead = byte(at);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                                           : 4;
    if (size == 0 || lead > 0xF4 || at + size > text.size()) return at;
    unsigned code = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      if ((byte(at + i) & 0xC0U) != 0x80) return at;
      code = code << 6 | (byte(at + i) & 0x3FU);
    }
    constexpr unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[size] || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) return at;
    at += size;
  }
  return text.size();
}

TEST(Utf8, JudgesEveryBeginningOfACharacterWhereverItStands) {
  for (int lead = 0x80; lead < 0x100; ++lead) {
    for (int second = 0; second < 0x100; ++second) {
      for (const char third : {'\x7F', '\x80', '\xBF', '\xC3'}) {
        for (const std::size_t before : {0U, 1U, 7U, 8U}) {
          std::string text(before, 'x');
          text += {static_cast<char>(lead), static_cast<char>(second), third};
          ASSERT_EQ(well_formed_prefix(text), decoded_prefix(text)) << lead << " " << second;
          text += "\x80yz\xC3\xA4";
          ASSERT_EQ(well_formed_prefix(text), decoded_prefix(text)) << lead << " " << second;
        }
      }
    }
  }
}

TEST(Utf8, FindsTheEndOfTheWellFormedPrefixAtEveryPosition) {
  for (std::size_t position = 0; position < 40; ++position) {
    std::string text(40, 'a');
    text[position] = '\xFF';

    EXPECT_EQ(well_formed_prefix(text), position);
  }
}

TEST(Utf8, NeverReplacesMoreThanThreeBytesAtOnceAndNeverNone) {
  for (int first = 0x80; first < 0x100; ++first) {
    for (int second = 0; second < 0x100; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second), '\x80',
                                '\x20'};
      if (well_formed_prefix(text) > 0) continue;

      const std::size_t length = ill_formed_length(text);

      EXPECT_GE(length, 1u);
      EXPECT_LE(length, 3u);
    }
  }
}

TEST(Utf16Size, CountsCodeUnitsOfTheRepairedText) {
  EXPECT_EQ(utf16_size(""), 0u);
  EXPECT_EQ(utf16_size("abc"), 3u);
  EXPECT_EQ(utf16_size("\xC3\xA9\xE2\x82\xAC"), 2u);
  EXPECT_EQ(utf16_size("\xF0\x9F\x98\x80"), 2u);
  EXPECT_EQ(utf16_size("a\xF0\x9F\x98z\xFF"), 4u);
}

}  // namespace
}  // namespace langfuse::internal

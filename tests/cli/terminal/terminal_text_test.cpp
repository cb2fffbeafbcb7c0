#include "cli/terminal/terminal_text.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace {

using langfuse_cli::Colour;
using langfuse_cli::display_width;
using langfuse_cli::fit;
using langfuse_cli::pad;
using langfuse_cli::Palette;

TEST(TerminalText, WidthsAreThoseOfTheTerminal) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("grün"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("会議"), 4U);
  EXPECT_EQ(display_width("한국"), 4U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("├─ "), 3U);
}

TEST(TerminalText, AnEmojiOfSeveralCodePointsTakesTwoColumns) {
  EXPECT_EQ(display_width("👩‍💻"), 2U);                // joined
  EXPECT_EQ(display_width("👨‍👩‍👧‍👦"), 2U);  // joined thrice
  EXPECT_EQ(display_width("👍🏽"), 2U);                   // with a skin colour
  EXPECT_EQ(display_width("🏳️‍🌈"), 2U);             // joined, with a selector
  EXPECT_EQ(display_width("❤️"), 2U);   // a text character, selected as an emoji
  EXPECT_EQ(display_width("❤"), 1U);        // the same as text
  EXPECT_EQ(display_width("1️⃣"), 2U);  // keycap
  EXPECT_EQ(display_width("🇩🇪🇫🇷"), 4U);     // two flags
  EXPECT_EQ(display_width("a\uFE0F"), 1U);  // no letter becomes an emoji
  EXPECT_EQ(display_width("a\u200Db"), 2U);
  EXPECT_EQ(display_width("\u1112\u1161\u11AB"), 2U);  // a syllable in its parts
}

TEST(TerminalText, NoEmojiIsCutApart) {
  EXPECT_EQ(fit("👩‍💻👩‍💻", 4), "👩‍💻👩‍💻");
  EXPECT_EQ(fit("👩‍💻👩‍💻", 3), "👩‍💻…");
  EXPECT_EQ(fit("🇩🇪🇫🇷", 3), "🇩🇪…");
  EXPECT_EQ(fit("éé", 2), "éé");
}

TEST(TerminalText, NoControlCharacterHidesInAnEmoji) {
  EXPECT_EQ(fit("👩\u200D\x1b[2J", 99), "👩\u200D [2J");
}

TEST(TerminalText, LongTextIsCutWithAnEllipsis) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdef", 5), "abcd…");
  EXPECT_EQ(fit("会議の", 6), "会議の");
  EXPECT_EQ(fit("会議の", 5), "会議…");
  EXPECT_EQ(fit("会議の", 4), "会…");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(TerminalText, WhatAProgramLoggedCannotSteerTheTerminal) {
  EXPECT_EQ(fit("a\x1b[2Jb\nc\td\xC2\x9B", 99), "a [2Jb c d ");
  EXPECT_EQ(fit("a\u202Eb\u2066c", 99), "a b c");
}

TEST(TerminalText, PaddingCountsColumns) {
  EXPECT_EQ(pad("会", 4), "会  ");
  EXPECT_EQ(display_width(pad("😀😀😀", 5)), 5U);
}

TEST(TerminalText, ColoursAppearOnlyWhereTheyAreWanted) {
  EXPECT_EQ(Palette(false).paint(Colour::red, "x"), "x");
  EXPECT_EQ(Palette(true).paint(Colour::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Palette(true).paint(Colour::none, "x"), "x");
}

TEST(TerminalText, OnlyATerminalGetsColoursAndOnlyWithoutNoColor) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  const int file = ::open("/dev/null", O_WRONLY);
  ::unsetenv("NO_COLOR");

  EXPECT_EQ(Palette::for_descriptor(terminal).paint(Colour::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Palette::for_descriptor(file).paint(Colour::red, "x"), "x");
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(Palette::for_descriptor(terminal).paint(Colour::red, "x"), "x");
  ::setenv("NO_COLOR", "", 1);
  EXPECT_EQ(Palette::for_descriptor(terminal).paint(Colour::red, "x"), "\x1b[31mx\x1b[0m");

  ::unsetenv("NO_COLOR");
  ::close(file);
  ::close(terminal);
}

}  // namespace

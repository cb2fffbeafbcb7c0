#include "model/cut_text.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

using namespace std::string_literals;

#define FFFD "\xEF\xBF\xBD"

std::string written(const Text& text) {
  std::string result(text.size(), '\0');
  EXPECT_EQ(text.write(result.data()), result.data() + result.size());
  return result;
}

struct RepairCase {
  const char* name;
  std::string given;
  std::string expected;
};

class Repair : public testing::TestWithParam<RepairCase> {};

TEST_P(Repair, ReplacesEachMaximalSubpartByOneReplacementCharacter) {
  EXPECT_EQ(repaired(GetParam().given), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Text, Repair,
    testing::Values(
        RepairCase{"empty", "", ""}, RepairCase{"ascii", "plain", "plain"},
        RepairCase{"nul", "a\0b"s, "a\0b"s},
        RepairCase{"all_lengths", "\x24\xC2\xA2\xE2\x82\xAC\xF0\x90\x8D\x88",
                   "\x24\xC2\xA2\xE2\x82\xAC\xF0\x90\x8D\x88"},
        RepairCase{"bounds_of_each_length",
                   "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
                   "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
        RepairCase{"lone_continuation", "a\x80z", "a" FFFD "z"},
        RepairCase{"lone_lead", "a\xC3", "a" FFFD},
        RepairCase{"overlong_two", "\xC0\xAF", FFFD FFFD},
        RepairCase{"overlong_three", "\xE0\x80\xAF", FFFD FFFD FFFD},
        RepairCase{"overlong_four", "\xF0\x80\x80\xAF", FFFD FFFD FFFD FFFD},
        RepairCase{"surrogates", "\xED\xA0\x80\xED\xBF\xBF", FFFD FFFD FFFD FFFD FFFD FFFD},
        RepairCase{"beyond_the_last", "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
                   FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B"},
        // The example of table 3-11 of the Unicode Standard.
        RepairCase{"truncated", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", FFFD FFFD FFFD FFFD "A"},
        // A long run in front, so that the fast path is left in the middle of a word.
        RepairCase{"behind_ascii", "0123456789abcdefghi\xFFjklmnopqrstuvwxyz012345",
                   "0123456789abcdefghi" FFFD "jklmnopqrstuvwxyz012345"}),
    [](const testing::TestParamInfo<RepairCase>& repair_case) { return repair_case.param.name; });

// Every text of characters of one to four bytes, cut at every size: at most that much stays, it
// ends between two characters, and not one more would have fitted.
TEST(Text, IsCutAtTheLastCharacterBoundaryThatFits) {
  const std::string characters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  for (int seed = 0; seed < 64; ++seed) {
    std::string text;
    for (unsigned step = static_cast<unsigned>(seed); text.size() + 4 <= 64; step = step * 5 + 3) {
      text += characters[(step >> 2) % 4];
    }
    for (std::size_t limit = 0; limit < text.size(); ++limit) {
      std::size_t boundary = 0;
      while (well_formed_prefix(text.substr(0, boundary + 1)) == boundary + 1 ||
             boundary + 1 < text.size()) {
        std::size_t next = boundary + 1;
        while (next < text.size() && (text[next] & 0xC0) == 0x80) ++next;
        if (next > limit) break;
        boundary = next;
      }

      EXPECT_EQ(written(Text(text, limit)), text.substr(0, boundary) + "\xE2\x80\xA6[truncated " +
                                                std::to_string(text.size() - boundary) + " bytes]");
    }
    EXPECT_EQ(written(Text(text, text.size())), text);
  }
}

TEST(Text, CountsReplacementsAgainstTheLimit) {
  EXPECT_EQ(written(Text("a\xFF\xFFz", 7)), "a" FFFD FFFD "\xE2\x80\xA6[truncated 1 bytes]");
  EXPECT_EQ(written(Text("a\xFF\xFFz", 8)), "a" FFFD FFFD "z");
  EXPECT_EQ(written(Text("a\xFF\xFFz", 3)), "a\xE2\x80\xA6[truncated 3 bytes]");
}

TEST(Text, CountsWhatWasNeverGivenAsMissing) {
  EXPECT_EQ(written(Text("abc", 3, 1000)), "abc\xE2\x80\xA6[truncated 997 bytes]");
}

TEST(Text, IsEmptyWhenNothingIsGiven) {
  EXPECT_TRUE(Text().empty());
  EXPECT_TRUE(Text("", 0).empty());
}

}  // namespace
}  // namespace langfuse::internal

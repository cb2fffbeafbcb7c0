#include "receiver/base/utf8_text.h"

#include <gtest/gtest.h>

namespace {

using langfuse_receiver::cut_utf8;
using langfuse_receiver::repair_utf8;

TEST(RepairUtf8, ReplacesEachBadByteAndNothingElse) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(repair_utf8("grün 😀 漢"), "grün 😀 漢");
  EXPECT_EQ(repair_utf8("a\x80z"), "a" + bad + "z");
  EXPECT_EQ(repair_utf8("\xC3"), bad);
  EXPECT_EQ(repair_utf8("\xC0\xAF"), bad + bad);
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), bad + bad + bad);
  EXPECT_EQ(repair_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);
}

TEST(RepairUtf8, ACharacterThatWasCutIsOneReplacement) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(repair_utf8("a\xE2\x82"), "a" + bad);
  EXPECT_EQ(repair_utf8("\xE2\x82z"), bad + "z");
  EXPECT_EQ(repair_utf8("\xF0\x9F\xA6\xF0\x9F\xA6\x84"), bad + "\xF0\x9F\xA6\x84");
  EXPECT_EQ(repair_utf8("\xE0\x80\x80"), bad + bad + bad);
}

TEST(CutUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("grün", 3), "gr");
  EXPECT_EQ(cut_utf8("grün", 4), "grü");
  EXPECT_EQ(cut_utf8("grün", 99), "grün");
}

}  // namespace

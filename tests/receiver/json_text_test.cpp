#include "receiver/json_text.h"

#include <gtest/gtest.h>

namespace {

using langfuse_receiver::cut_utf8;
using langfuse_receiver::Json;
using langfuse_receiver::parse_json;
using langfuse_receiver::repair_utf8;
using langfuse_receiver::to_text;

TEST(JsonText, KeepsTheOrderOfKeys) {
  EXPECT_EQ(to_text(*parse_json(R"({"b":1,"a":2})")), R"({"b":1,"a":2})");
}

TEST(JsonText, RefusesWhatIsNotJsonWithAReason) {
  for (const char* text : {"", "{", "nope", "{\"a\":1}x", "[1,]", "\"\\ud800\"", "\"a\x01\""}) {
    std::string error;
    EXPECT_FALSE(parse_json(text, &error)) << text;
    EXPECT_NE(error, "") << text;
  }
}

TEST(JsonText, RefusesDocumentsThatWouldExhaustTheStack) {
  std::string error;

  EXPECT_FALSE(parse_json(std::string(1'000'000, '['), &error));

  EXPECT_EQ(error, "nested deeper than 128 levels");
}

TEST(JsonText, BracketsInStringsAreNotNesting) {
  EXPECT_TRUE(parse_json("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\""));
}

TEST(JsonText, WritesBytesThatAreNotUtf8AsReplacementCharacters) {
  EXPECT_EQ(to_text(Json("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

TEST(RepairUtf8, ReplacesEachBadByteAndNothingElse) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(repair_utf8("grün 😀 漢"), "grün 😀 漢");
  EXPECT_EQ(repair_utf8("a\x80z"), "a" + bad + "z");
  EXPECT_EQ(repair_utf8("\xC3"), bad);
  EXPECT_EQ(repair_utf8("\xC0\xAF"), bad + bad);
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), bad + bad + bad);
  EXPECT_EQ(repair_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);
}

TEST(CutUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("grün", 3), "gr");
  EXPECT_EQ(cut_utf8("grün", 4), "grü");
  EXPECT_EQ(cut_utf8("grün", 99), "grün");
}

}  // namespace

#include "model/json_check.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

TEST(JsonCheck, TakesEveryKindOfValue) {
  for (const char* text :
       {"{}", "[]", " { } ", "[[],{}]", "true", "false", "null", "0", "-0", "-1.50", "1e9", "1E+9",
        "1.5e-9", "\"\"", "\"a\"", R"({"by":"test","n":[1,2.5,{"deep":[null]}],"":true})",
        R"("\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\ufffd")", "\"\xC3\xA9\"", "\t[1,\r\n2 ]"}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(JsonCheck, RefusesWhatIsNoJson) {
  for (const char* text :
       {"",           " ",     "{",       "}",         "[",           "]",         "[1",
        "[1,]",       "[,1]",  "[1 2]",   "{]",        "[}",          "{\"a\"}",   "{\"a\":}",
        "{\"a\":1,}", "{a:1}", "{1:1}",   "{\"a\" 1}", "[1]]",        "[1],",      "1 2",
        "tru",        "True",  "nul",     "NaN",       "Infinity",    "-",         "+1",
        "01",         "1.",    ".5",      "1e",        "1e+",         "0x1",       "\"",
        "\"a",        "'a'",   R"("\x")", R"("\)",     R"("\u12g4")", R"("\u123)", "// a\n1"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json("\"line\nbreak\""));
  EXPECT_FALSE(is_json(std::string_view("1\0", 2)));
}

TEST(JsonCheck, RefusesWhatIsNoUnicode) {
  for (const char* text :
       {"\"\xFF\"", "\"\xED\xA0\x80\"", R"("\ud800")", R"("\ud800x")", R"("\ud800\n")",
        R"("\ud800\u0041")", R"("\udc00")", R"("\udc00\ud800")", R"("\ud83d\ud83d")"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

TEST(JsonCheck, TakesAHundredAndTwentyEightLevelsAndNoMore) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };

  EXPECT_TRUE(is_json(nested(128)));
  EXPECT_FALSE(is_json(nested(129)));
  EXPECT_FALSE(is_json(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace langfuse::internal

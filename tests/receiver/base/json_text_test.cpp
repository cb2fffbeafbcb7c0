#include "receiver/base/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "receiver/base/utf8_text.h"

namespace {

using langfuse_receiver::Json;
using langfuse_receiver::parse_json;
using langfuse_receiver::repair_utf8;
using langfuse_receiver::to_text;

TEST(JsonText, KeepsTheOrderOfKeys) {
  EXPECT_EQ(to_text(*parse_json(R"({"b":1,"a":2})")), R"({"b":1,"a":2})");
}

TEST(JsonText, RefusesWhatIsNotJsonWithAReason) {
  for (const char* text : {"", "{", "nope", "{\"a\":1}x", "[1,]", "\"a\x01\""}) {
    std::string error;
    EXPECT_FALSE(parse_json(text, &error)) << text;
    EXPECT_NE(error, "") << text;
  }
}

// Whatever JavaScript's `JSON.parse` takes is taken: the texts on the right are what it makes of
// those on the left, written by `JSON.stringify` to a stream of UTF-8.
TEST(JsonText, ReadsWhatJavaScriptReads) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("cut \ud83e")", "\"cut \xEF\xBF\xBD\""},
      {R"("\udd84 cut")", "\"\xEF\xBF\xBD cut\""},
      {R"("\ud83e\ud83e\udd84")", "\"\xEF\xBF\xBD\xF0\x9F\xA6\x84\""},
      {R"("\ud83e\u0041")", "\"\xEF\xBF\xBD\x41\""},
      {R"("\ud83e\n")", "\"\xEF\xBF\xBD\\n\""},
      {R"("\uD83E\uDD84")", "\"\xF0\x9F\xA6\x84\""},
      {R"({"\ud83e":1,"k":"\udd84"})", "{\"\xEF\xBF\xBD\":1,\"k\":\"\xEF\xBF\xBD\"}"},
      {"\"caf\xE9\"", "\"caf\xEF\xBF\xBD\""},
      {"{\"\xFF\":\"\xE2\x82\"}", "{\"\xEF\xBF\xBD\":\"\xEF\xBF\xBD\"}"},
      {"[1e999,-1e999,1e-999,0e999,123456789012345678901234567890]",
       "[null,null,0.0,0.0,1.2345678901234568e+29]"},
      {"[1" + std::string(400, '0') + "]", "[null]"},
      {"[0." + std::string(400, '0') + "1e401]", "[1.0]"},
      {"[1e99999999999999999999,1e-99999999999999999999]", "[null,0.0]"},
      {"[-0,18446744073709551615,-9223372036854775808,1.5E+2]",
       "[0,18446744073709551615,-9223372036854775808,150.0]"},
      {R"("\u0000\/\b\f")", R"("\u0000/\b\f")"},
      {R"({"a":1,"b":2,"a":3,"a":{"c":1,"c":[]}})", R"({"a":{"c":[]},"b":2})"},
      {" \t\r\n[ true , false , null ] ", "[true,false,null]"},
      {"{}", "{}"},
      {"[]", "[]"},
  };

  for (const auto& [text, expected] : cases) {
    std::string error;
    const auto document = parse_json(text, &error);
    ASSERT_TRUE(document) << text << ": " << error;
    EXPECT_EQ(to_text(*document), expected) << text;
  }
}

TEST(JsonText, RefusesWhatJavaScriptRefuses) {
  for (const char* text : {"01",   "1.",        ".5",        "+1",          "1e",
                           "1e+",  "-",         "0x1",       "NaN",         "Infinity",
                           "'a'",  "{a:1}",     "{\"a\" 1}", "{\"a\":1,}",  "[1 2]",
                           "[,1]", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83e\\u\"",
                           "\"a",  "\"a\\",     "\"\t\"",    "\"\n\"",      "tru",
                           "nul",  "[] []",     "\v1",       "\xA0"}) {
    std::string error;
    EXPECT_FALSE(parse_json(text, &error)) << text;
    EXPECT_NE(error, "") << text;
  }
}

// Every text that is read at all is UTF-8 afterwards, so that no writer has anything to repair.
TEST(JsonText, WhatWasReadIsWrittenAndReadAsTheSame) {
  const std::vector<std::string> pieces = {"\\ud83e",  "\\udd84", "\xE9", "\xF0\x9F",
                                           "\xA6\x84", "\\u00e9", "a",    "\xED\xA0\x80"};
  for (std::size_t number = 0; number < 8 * 8 * 8 * 8; ++number) {
    std::string text = "\"";
    for (std::size_t rest = number, i = 0; i < 4; ++i, rest /= 8) {
      text += pieces[rest % 8];
    }
    const auto once = parse_json(text + "\"");
    ASSERT_TRUE(once) << text;

    EXPECT_EQ(repair_utf8(once->get<std::string>()), once->get<std::string>());
    EXPECT_EQ(parse_json(once->dump()), once);
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

}  // namespace

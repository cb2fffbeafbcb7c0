#include "model/readable_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace langfuse::internal {
namespace {

#define FFFD "\xEF\xBF\xBD"

struct ReplyCase {
  const char* sent;
  const char* readable;
};

class ReadableJson : public ::testing::TestWithParam<ReplyCase> {};

// What JavaScript's `JSON.parse` takes can be read, and nothing else is changed.
TEST_P(ReadableJson, IsTakenByAStrictParser) {
  const std::string readable = readable_json(GetParam().sent);

  EXPECT_EQ(readable, GetParam().readable);
  EXPECT_TRUE(nlohmann::json::accept(readable));
}

INSTANTIATE_TEST_SUITE_P(Replies, ReadableJson,
                         ::testing::Values(ReplyCase{R"({"id":"a","status":201})",
                                                     R"({"id":"a","status":201})"},
                                           ReplyCase{R"({"id":"\ud83e"})", R"({"id":"\ufffd"})"},
                                           ReplyCase{R"({"\uDD84":"\ud83e\ud83e\udd84"})",
                                                     R"({"\ufffd":"\ufffd\ud83e\udd84"})"},
                                           ReplyCase{R"(["\\ud83e","\"\ud83e","1e999"])",
                                                     R"(["\\ud83e","\"\ufffd","1e999"])"},
                                           ReplyCase{"[\"caf\xE9\"]", "[\"caf" FFFD "\"]"},
                                           ReplyCase{R"({"a":1e999,"b":[-1e999,1e-999,-0.5e2]})",
                                                     R"({"a":1e308,"b":[-1e308,1e-999,-0.5e2]})"},
                                           ReplyCase{R"([12345678901234567890123,true,null])",
                                                     R"([12345678901234567890123,true,null])"}));

TEST(ReadableJson, WhatIsNoJsonStaysNone) {
  for (const char* text :
       {"", "{", "\"", "\"\\", "\"\\ud83e", "\"\\u12\"", "1e999x", "--1", "<html>"}) {
    EXPECT_FALSE(nlohmann::json::accept(readable_json(text))) << text;
  }
}

}  // namespace
}  // namespace langfuse::internal

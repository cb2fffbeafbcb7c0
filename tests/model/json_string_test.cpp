#include "model/json_string.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace langfuse::internal {
namespace {

std::string json_string(std::string_view text) {
  std::string result(json_string_size(text), '\0');
  EXPECT_EQ(write_json_string(result.data(), text), result.data() + result.size());
  return result;
}

TEST(JsonString, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(json_string(std::string_view("a\"b\\c\b\f\n\r\t\0\x1F\x7F/\xC3\xA9", 16)),
            "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f/\xC3\xA9\"");
}

TEST(JsonString, RepairsInvalidUtf8) {
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonString, IsReadBackAsTheSameTextForEveryByteBelow128) {
  std::string text;
  for (int c = 0; c < 128; ++c) text += static_cast<char>(c);

  EXPECT_EQ(nlohmann::json::parse(json_string(text)).get<std::string>(), text);
}

}  // namespace
}  // namespace langfuse::internal

#include "model/plain_text.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/json_string.h"
#include "model/utf8.h"

namespace langfuse::internal {
namespace {

// Copies from and to blocks of exactly the text's size, so that a sanitizer sees a byte too many.
template <class Allowed>
bool is_plain(const std::string& text) {
  const auto from = std::make_unique<char[]>(text.size());
  const auto to = std::make_unique<char[]>(text.size());
  text.copy(from.get(), text.size());
  const bool result = copy_plain<Allowed>(to.get(), {from.get(), text.size()});
  EXPECT_EQ(std::string(to.get(), text.size()), text);
  return result;
}

TEST(PlainText, AnyOneByteDecidesWhereverItStands) {
  for (std::size_t size = 1; size < 150; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char byte : {'\x80', '\xFF', '\xC3'}) {
        std::string text(size, 'x');
        text[at] = byte;
        ASSERT_FALSE(is_plain<AnyAscii>(text)) << size << " " << at;
        ASSERT_FALSE(is_plain<UnescapedAscii>(text)) << size << " " << at;
      }
    }
    ASSERT_TRUE(is_plain<AnyAscii>(std::string(size, '\x7F')));
    ASSERT_TRUE(is_plain<UnescapedAscii>(std::string(size, '~')));
  }
  EXPECT_TRUE(is_plain<AnyAscii>(""));
  EXPECT_TRUE(is_plain<UnescapedAscii>(""));
}

TEST(PlainText, JsonKnowsTheSameBytesAsItsWriter) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t size : {1U, 3U, 5U, 8U, 12U, 16U, 33U}) {
      std::string text(size, 'x');
      text[size / 2] = static_cast<char>(byte);
      const bool is_unescaped = byte < 0x80 && json_string_size(text) == size + 2;
      ASSERT_EQ(is_plain<UnescapedAscii>(text), is_unescaped) << byte << " of " << size;
      ASSERT_EQ(is_plain<AnyAscii>(text), byte < 0x80) << byte << " of " << size;
    }
  }
}

}  // namespace
}  // namespace langfuse::internal

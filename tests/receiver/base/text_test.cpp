#include "receiver/base/text.h"

#include <gtest/gtest.h>

namespace {

using langfuse_receiver::contains_ignoring_case;
using langfuse_receiver::from_hex;
using langfuse_receiver::lowered;
using langfuse_receiver::starts_with;
using langfuse_receiver::to_hex;

TEST(Text, BeginsWithWhatItBeginsWith) {
  EXPECT_TRUE(starts_with("langfuse.user.id", "langfuse."));
  EXPECT_TRUE(starts_with("langfuse.", "langfuse."));
  EXPECT_TRUE(starts_with("", ""));
  EXPECT_FALSE(starts_with("langfuse", "langfuse."));
}

TEST(Text, OnlyAsciiLettersAreLowered) {
  EXPECT_EQ(lowered("Content-TYPE [@`{] \xC3\x84"), "content-type [@`{] \xC3\x84");
  EXPECT_TRUE(contains_ignoring_case("Application/JSON; charset=utf-8", "application/json"));
  EXPECT_FALSE(contains_ignoring_case("text/plain", "json"));
}

TEST(Text, HexComesBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes += static_cast<char>(byte);
  }
  EXPECT_EQ(to_hex(bytes).substr(0, 6), "000102");
  EXPECT_EQ(to_hex("\xFF"), "ff");
  EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  EXPECT_EQ(from_hex("fF"), "\xFF");
  EXPECT_EQ(from_hex(""), "");
}

TEST(Text, WhatIsNotHexHasNoBytes) {
  for (const char* text : {"0", "000", "0g", "g0", "-1", "0x", " 1"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

}  // namespace

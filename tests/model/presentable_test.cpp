#include "model/presentable.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace langfuse::internal {
namespace {

const std::string secret = "sk-lf-0f/9+hidden";
const Secrets secrets(secret);

// `secret` in base64 behind "pk:", and alone; the first also as it is written into addresses.
constexpr const char* token = "cGs6c2stbGYtMGYvOStoaWRkZW4=";
constexpr const char* alone = "c2stbGYtMGYvOStoaWRkZW4=";

std::string percent_encoded(const std::string& text, bool whole) {
  constexpr char digits[] = "0123456789abcdef";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (whole || c == '/' || c == '+' || c == '=') {
      encoded += {'%', digits[byte >> 4], digits[byte & 15]};
    } else {
      encoded += c;
    }
  }
  return encoded;
}

TEST(Presentable, TheSecretIsBlottedOutInEveryForm) {
  const Secrets url_safe(std::string("sk-lf-\xff\xfe\xfbhidden"));
  for (const std::string& form :
       {secret, percent_encoded(secret, false), percent_encoded(secret, true),
        std::string("sk-lf-0f\\/9+hidden"), std::string("sk-lf-0f\\u002f9\\u002Bhidden"),
        std::string(token), std::string(alone), percent_encoded(token, false),
        percent_encoded(alone, true)}) {
    EXPECT_EQ(presentable("a " + form + " b", secrets), "a ******** b") << form;
    EXPECT_EQ(shortened("a " + form + " b", 100, secrets), "a ******** b") << form;
  }
  EXPECT_EQ(presentable("a c2stbGYt__77aGlkZGVu b", url_safe), "a ******** b");
}

// `text` with each character written by `form`, as for printf.
std::string escaped(const std::string& text, const char* form) {
  std::string result;
  for (const char character : text) {
    std::array<char, 16> one{};
    std::snprintf(one.data(), one.size(), form, static_cast<unsigned char>(character));
    result += one.data();
  }
  return result;
}

// `u` and `x` are also the letters that such forms are written with.
TEST(Presentable, TheSecretIsBlottedOutHoweverItIsEscaped) {
  const std::string key = "sk-lf-unusual-xx5-25-n";
  for (const char* const form :
       {"%%%02X", "%%25%02x", "\\u%04x", "\\\\u%04X", "\\x%02x", "&#%u;", "&#x%x;", "%c"}) {
    EXPECT_EQ(presentable("a " + escaped(key, form) + " b", Secrets(key)), "a ******** b") << form;
  }
}

// Mail and certificates fold what is long.
TEST(Presentable, TheSecretIsBlottedOutAcrossLines) {
  for (const std::string fold : {"\n", "\r\n", "\n  ", "\\n", "\\r\\n"}) {
    for (const std::string& form : {secret, std::string(token)}) {
      const std::size_t middle = form.size() / 2;
      const std::string folded = form.substr(0, middle) + fold + form.substr(middle);

      const std::string shown = shortened("a " + folded + " b", 100, secrets);

      EXPECT_EQ(shown.find(form.substr(middle, 4)), std::string::npos) << shown;
      EXPECT_EQ(shown.find(secret.substr(0, 4)), std::string::npos) << shown;
    }
  }
}

// A stranger's text may be made to be slow to read.
TEST(Presentable, TextsThatSeemEscapedForEverTakeNoLongerThanOthers) {
  for (const std::string part : {"%", "25", "\\", "\n", "&#0", "s\n", "\\n"}) {
    std::string text = part == "25" ? "%" : "s";
    while (text.size() < 64 * 1024) text += part;

    EXPECT_EQ(shortened(text, 100, secrets).size(), 100u) << part;
  }
}

// Whatever the length of what stands before it: no cut leaves a part of it.
TEST(Presentable, WordsAreBlottedFirstAndCutThen) {
  for (const std::string& form : {secret, percent_encoded(secret, true), std::string(token)}) {
    for (std::size_t before = 0; before < 120; ++before) {
      const std::string words = std::string(before, '.') + form + std::string(50, '!');

      const std::string shown = shortened(words, 100, secrets);

      EXPECT_LE(shown.size(), 100u);
      EXPECT_EQ(shown.find(form.substr(0, 4)), std::string::npos) << before << ": " << shown;
    }
  }
}

// A body of which only the beginning was kept.
TEST(Presentable, WhatSomebodyElseHasCutIsBlottedOutToo) {
  constexpr std::size_t least_part = 4;
  for (const std::string& form : {secret, percent_encoded(secret, true), std::string(alone)}) {
    for (std::size_t size = form == secret ? least_part : 3 * least_part; size < form.size();
         ++size) {
      const std::string shown = shortened("the key is " + form.substr(0, size), 100, secrets);

      EXPECT_EQ(shown, "the key is ********") << size;
    }
  }
  EXPECT_EQ(shortened("the key is sk-", 100, secrets), "the key is sk-");
  EXPECT_EQ(shortened("sk-lf-0f is how it begins", 100, secrets), "sk-lf-0f is how it begins");
}

TEST(Presentable, WordsAreCutBetweenCharacters) {
  EXPECT_EQ(shortened("1234567890", 10, secrets), "1234567890");
  EXPECT_EQ(shortened("12345678901", 10, secrets), "1234567...");
  EXPECT_EQ(shortened("123456\xe2\x82\xac 8901", 10, secrets), "123456...");
  EXPECT_EQ(shortened("", 10, secrets), "");
  EXPECT_EQ(shortened("all of it", 10, Secrets()), "all of it");
}

}  // namespace
}  // namespace langfuse::internal

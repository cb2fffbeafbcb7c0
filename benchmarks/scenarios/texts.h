// What the operations record, with every library: twenty bytes, two kilobytes, and twenty bytes of
// which half are not ASCII.
#pragma once

#include <string>
#include <string_view>

namespace langfuse_bench {

struct Texts {
  std::string_view input;
  std::string_view output;
};

inline constexpr Texts short_texts{"which order is late?", "three of them so far"};
inline constexpr Texts foreign_texts{"weiße Füße, größer?", "äöü, ÄÖÜ und ß ✓"};

inline Texts long_texts() {
  static const std::string text = [] {
    std::string words;
    while (words.size() < 2048) words += "the order is late, ";
    words.resize(2048);
    return words;
  }();
  return {text, text};
}

}  // namespace langfuse_bench

// Collects the warnings about one observation; used by the files of the linter only.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "receiver/base/json_text.h"
#include "receiver/base/utf8_text.h"

namespace langfuse_receiver {

// No observation has more warnings than this; one more says how many were left out.
inline constexpr std::size_t max_warnings = 20;

class LintWarnings {
 public:
  // What is added from now on is only counted: there is no use in working out a sentence.
  bool is_full() const { return texts_.size() >= max_warnings; }

  // `<field> = <value>: <loss>; <remedy>`, with the beginning of a long value.
  void add(std::string_view field, std::string_view value, const std::string& loss,
           const std::string& remedy) {
    if (is_full()) {
      ++left_out_;
      return;
    }
    push(beginning(field) + " = " + beginning(value), loss, remedy);
  }

  // The same with a JSON value: text is quoted.
  void add_value(std::string_view field, const Json& value, const std::string& loss,
                 const std::string& remedy) {
    if (is_full()) {
      ++left_out_;
      return;
    }
    const std::string shown = value.is_string()
                                  ? to_text(beginning(value.get_ref<const std::string&>()))
                                  : beginning(to_text(value));
    push(beginning(field) + " = " + shown, loss, remedy);
  }

  // An array of texts.
  Json take() {
    if (left_out_ > 0) {
      texts_.push_back("and " + std::to_string(left_out_) + " more");
    }
    return std::move(texts_);
  }

 private:
  static std::string beginning(std::string_view text) {
    constexpr std::size_t shown_bytes = 60;
    return text.size() <= shown_bytes ? std::string(text)
                                      : std::string(cut_utf8(text, shown_bytes)) + "…";
  }

  void push(const std::string& subject, const std::string& loss, const std::string& remedy) {
    texts_.push_back(subject + ": " + loss + "; " + remedy);
  }

  Json texts_ = Json::array();
  std::size_t left_out_ = 0;
};

}  // namespace langfuse_receiver

// Reads JSON as JavaScript's `JSON.parse` does. Used by `parse_json` alone.
//
// What a program may send and a strict parser would refuse is read: halves of surrogate pairs,
// which `JSON.stringify` writes of a text that was cut, numbers beyond a double, and bytes that are
// not UTF-8.

#pragma once

#include <string>
#include <string_view>

#include "receiver/base/json_value.h"

namespace langfuse_receiver {

// One document, read once. Recursion is bounded by `max_json_depth`.
class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  // False if the text is not JSON; then `problem()` says what was expected, and where.
  //
  // A lone half of a surrogate pair becomes U+FFFD, as do bytes that are not UTF-8. A number too
  // large for a double becomes an infinity, which `to_text` writes as null. Of a key that comes
  // twice, the last value counts, in the place of the first. Throws `Interrupted`.
  bool parse(Json& document);
  const std::string& problem() const { return problem_; }

 private:
  bool parse_value(Json& value);
  bool parse_object(Json& value);
  bool parse_array(Json& value);
  bool parse_string(std::string& string);
  bool parse_escape(std::string& string);
  bool parse_code_point(std::string& string);
  bool parse_number(Json& value);
  bool parse_word(std::string_view word, Json meaning, Json& value);

  bool enter();
  bool read_four_digits(unsigned& code_unit);
  bool skip_digits();
  void skip_space();
  bool skip(char expected);
  bool fail(const std::string& expected);

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string problem_;
};

}  // namespace langfuse_receiver

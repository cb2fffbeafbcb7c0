#include "receiver/base/json_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "receiver/base/interruption.h"
#include "receiver/base/utf8_text.h"

namespace langfuse_receiver {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr unsigned first_high_surrogate = 0xD800;
constexpr unsigned first_low_surrogate = 0xDC00;
constexpr unsigned after_surrogates = 0xE000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(unsigned code_point, std::string& string) {
  const auto append = [&string](unsigned byte) { string += static_cast<char>(byte); };
  if (code_point < 0x80) {
    append(code_point);
    return;
  }
  if (code_point < 0x800) {
    append(0xC0U | code_point >> 6U);
  } else if (code_point < 0x10000) {
    append(0xE0U | code_point >> 12U);
    append(0x80U | (code_point >> 6U & 0x3FU));
  } else {
    append(0xF0U | code_point >> 18U);
    append(0x80U | (code_point >> 12U & 0x3FU));
    append(0x80U | (code_point >> 6U & 0x3FU));
  }
  append(0x80U | (code_point & 0x3FU));
}

// Of a number that no double holds: whether it is too large, and not too small.
// REQUIRES: a number as JSON has them, not zero.
bool is_too_large(std::string_view number) {
  const std::size_t exponent_at = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, exponent_at);
  const std::size_t first = digits.find_first_of("123456789");
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const auto magnitude = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  std::string_view exponent = number.substr(std::min(exponent_at + 1, number.size()));
  const bool is_negative = !exponent.empty() && exponent.front() == '-';
  exponent.remove_prefix(std::min(exponent.find_first_of("0123456789"), exponent.size()));
  std::int64_t power = 0;
  const auto [end, code] =
      std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  if (code == std::errc::result_out_of_range) {
    return !is_negative;
  }
  return magnitude + (is_negative ? -power : power) > 0;
}

double double_of(std::string_view number) {
  double value = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (code != std::errc::result_out_of_range) {
    return value;
  }
  value = is_too_large(number) ? std::numeric_limits<double>::infinity() : 0.0;
  return number.front() == '-' ? -value : value;
}

}  // namespace

bool JsonParser::parse(Json& document) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.substr(0, byte_order_mark.size()) == byte_order_mark) {
    at_ = byte_order_mark.size();
  }
  if (!parse_value(document)) {
    return false;
  }
  skip_space();
  return at_ == text_.size() || fail("the end");
}

bool JsonParser::parse_value(Json& value) {
  throw_if_interrupted();
  skip_space();
  const char next = at_ < text_.size() ? text_[at_] : '\0';
  switch (next) {
    case '{':
      return parse_object(value);
    case '[':
      return parse_array(value);
    case '"': {
      std::string string;
      if (!parse_string(string)) {
        return false;
      }
      value = std::move(string);
      return true;
    }
    case 't':
      return parse_word("true", true, value);
    case 'f':
      return parse_word("false", false, value);
    case 'n':
      return parse_word("null", nullptr, value);
    default:
      return next == '-' || is_digit(next) ? parse_number(value) : fail("a value");
  }
}

bool JsonParser::parse_object(Json& value) {
  if (!enter()) {
    return false;
  }
  value = Json::object();
  auto& members = value.get_ref<Json::object_t&>();
  skip_space();
  if (!skip('}')) {
    do {
      skip_space();
      std::string key;
      if (at_ == text_.size() || text_[at_] != '"') {
        return fail("a key");
      }
      if (!parse_string(key)) {
        return false;
      }
      skip_space();
      if (!skip(':')) {
        return fail("\":\"");
      }
      Json member;
      if (!parse_value(member)) {
        return false;
      }
      members.emplace(std::move(key), Json()).first->second = std::move(member);
      skip_space();
    } while (skip(','));
    if (!skip('}')) {
      return fail("\",\" or \"}\"");
    }
  }
  --depth_;
  return true;
}

bool JsonParser::parse_array(Json& value) {
  if (!enter()) {
    return false;
  }
  value = Json::array();
  auto& elements = value.get_ref<Json::array_t&>();
  skip_space();
  if (!skip(']')) {
    do {
      if (!parse_value(elements.emplace_back())) {
        return false;
      }
      skip_space();
    } while (skip(','));
    if (!skip(']')) {
      return fail("\",\" or \"]\"");
    }
  }
  --depth_;
  return true;
}

bool JsonParser::parse_string(std::string& string) {
  ++at_;  // the quote
  bool is_ascii = true;
  for (;;) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20) {
      is_ascii = is_ascii && static_cast<unsigned char>(text_[at_]) < 0x80;
      ++at_;
    }
    string.append(text_, begin, at_ - begin);
    if (at_ == text_.size()) {
      return fail("the end of a string");
    }
    if (text_[at_] == '"') {
      ++at_;
      if (!is_ascii) {
        string = repair_utf8(string);
      }
      return true;
    }
    if (text_[at_] != '\\') {
      return fail("no control character in a string");
    }
    ++at_;
    if (!parse_escape(string)) {
      return false;
    }
  }
}

bool JsonParser::parse_escape(std::string& string) {
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (skip('u')) {
    return parse_code_point(string);
  }
  const std::size_t name = at_ < text_.size() ? names.find(text_[at_]) : std::string_view::npos;
  if (name == std::string_view::npos) {
    return fail("an escape");
  }
  string += meanings[name];
  ++at_;
  return true;
}

// Behind `\u`.
bool JsonParser::parse_code_point(std::string& string) {
  unsigned unit = 0;
  if (!read_four_digits(unit)) {
    return false;
  }
  if (unit < first_high_surrogate || unit >= after_surrogates) {
    append_utf8(unit, string);
    return true;
  }
  const std::size_t after = at_;
  unsigned low = 0;
  if (unit < first_low_surrogate && skip('\\') && skip('u')) {
    if (!read_four_digits(low)) {
      return false;
    }
    if (low >= first_low_surrogate && low < after_surrogates) {
      append_utf8(0x10000 + ((unit - first_high_surrogate) << 10U) + (low - first_low_surrogate),
                  string);
      return true;
    }
  }
  at_ = after;  // what follows stands for itself
  string += replacement;
  return true;
}

bool JsonParser::parse_number(Json& value) {
  const std::size_t begin = at_;
  const bool is_negative = skip('-');
  if (!skip('0') && !skip_digits()) {
    return fail("a digit");
  }
  const std::size_t end_of_integer = at_;
  if (skip('.') && !skip_digits()) {
    return fail("a digit");
  }
  if (skip('e') || skip('E')) {
    if (!skip('+')) {
      skip('-');
    }
    if (!skip_digits()) {
      return fail("a digit");
    }
  }
  const std::string_view number = text_.substr(begin, at_ - begin);
  const char* const end = number.data() + number.size();
  if (at_ == end_of_integer) {
    std::int64_t with_sign = 0;
    std::uint64_t without = 0;
    if (is_negative && std::from_chars(number.data(), end, with_sign).ec == std::errc{}) {
      value = with_sign;
      return true;
    }
    if (!is_negative && std::from_chars(number.data(), end, without).ec == std::errc{}) {
      value = without;
      return true;
    }
  }
  value = double_of(number);
  return true;
}

bool JsonParser::parse_word(std::string_view word, Json meaning, Json& value) {
  if (text_.substr(at_, word.size()) != word) {
    return fail("a value");
  }
  at_ += word.size();
  value = std::move(meaning);
  return true;
}

bool JsonParser::enter() {
  ++at_;
  if (++depth_ > max_json_depth) {
    problem_ = "nested deeper than " + std::to_string(max_json_depth) + " levels";
    return false;
  }
  return true;
}

bool JsonParser::read_four_digits(unsigned& code_unit) {
  constexpr std::size_t digits = 4;
  const std::string_view hex = text_.substr(at_, digits);
  const auto [end, code] = std::from_chars(hex.data(), hex.data() + hex.size(), code_unit, 16);
  if (hex.size() < digits || code != std::errc{} || end != hex.data() + digits) {
    return fail("four hexadecimal digits");
  }
  at_ += digits;
  return true;
}

bool JsonParser::skip_digits() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) {
    ++at_;
  }
  return at_ > begin;
}

void JsonParser::skip_space() {
  at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size());
}

bool JsonParser::skip(char expected) {
  const bool is_there = at_ < text_.size() && text_[at_] == expected;
  at_ += is_there ? 1 : 0;
  return is_there;
}

bool JsonParser::fail(const std::string& expected) {
  problem_ = "expected " + expected + " at byte " + std::to_string(at_);
  return false;
}

}  // namespace langfuse_receiver

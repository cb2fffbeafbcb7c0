#include "model/json_check.h"

#include <cstddef>

#include "model/utf8.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr int most_depth = 128;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Reads one value from the beginning of `rest_`. Each function takes what it names off `rest_`;
// false when that is not there.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}

  bool document() noexcept {
    if (well_formed_prefix(rest_) != rest_.size()) return false;
    return value() && rest_.empty();
  }

 private:
  bool value() noexcept;
  bool open(char bracket) noexcept;
  bool member_name() noexcept;
  bool scalar() noexcept;
  bool string() noexcept;
  bool escape() noexcept;
  bool code_unit(unsigned& unit) noexcept;
  bool number() noexcept;
  bool digits() noexcept;

  bool take(std::string_view text) noexcept {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool take(char c) noexcept { return take({&c, 1}); }
  bool begins_with(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }
  void skip_space() noexcept {
    while (begins_with(' ') || begins_with('\t') || begins_with('\n') || begins_with('\r')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  char closing_[most_depth] = {};  // what ends the containers that are open
  int depth_ = 0;
};

// With a stack of its own: what is nested must not decide how much of the caller's is used.
bool Reader::value() noexcept {
  while (true) {
    skip_space();
    if (begins_with('{') || begins_with('[')) {
      if (!open(rest_.front())) return false;
      skip_space();
      if (!take(closing_[depth_ - 1])) {
        if (closing_[depth_ - 1] == '}' && !member_name()) return false;
        continue;
      }
      --depth_;
    } else if (!scalar()) {
      return false;
    }
    // Behind a value: the ends of containers, then a comma or the end.
    skip_space();
    while (depth_ > 0 && take(closing_[depth_ - 1])) {
      --depth_;
      skip_space();
    }
    if (depth_ == 0) return true;
    if (!take(',')) return false;
    if (closing_[depth_ - 1] == '}' && !member_name()) return false;
  }
}

bool Reader::open(char bracket) noexcept {
  if (depth_ == most_depth) return false;
  rest_.remove_prefix(1);
  closing_[depth_++] = bracket == '{' ? '}' : ']';
  return true;
}

bool Reader::member_name() noexcept {
  skip_space();
  if (!string()) return false;
  skip_space();
  return take(':');
}

bool Reader::scalar() noexcept {
  if (begins_with('"')) return string();
  return take("true") || take("false") || take("null") || number();
}

bool Reader::string() noexcept {
  if (!take('"')) return false;
  while (!rest_.empty()) {
    if (take('"')) return true;
    if (begins_with('\\')) {
      if (!escape()) return false;
    } else if (static_cast<unsigned char>(rest_.front()) < 0x20) {
      return false;
    } else {
      rest_.remove_prefix(1);
    }
  }
  return false;
}

bool Reader::escape() noexcept {
  rest_.remove_prefix(1);
  if (rest_.empty()) return false;
  if (std::string_view("\"\\/bfnrt").find(rest_.front()) != std::string_view::npos) {
    rest_.remove_prefix(1);
    return true;
  }
  unsigned first = 0;
  if (!take('u') || !code_unit(first)) return false;
  if (first < 0xD800 || first > 0xDFFF) return true;
  unsigned second = 0;
  return first <= 0xDBFF && take("\\u") && code_unit(second) && second >= 0xDC00 &&
         second <= 0xDFFF;
}

bool Reader::code_unit(unsigned& unit) noexcept {
  if (rest_.size() < 4) return false;
  for (const char c : rest_.substr(0, 4)) {
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos) return false;
    unit = unit << 4 | static_cast<unsigned>(digit < 16 ? digit : digit - 6);
  }
  rest_.remove_prefix(4);
  return true;
}

bool Reader::number() noexcept {
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (!take('e') && !take('E')) return true;
  if (!take('+')) take('-');
  return digits();
}

bool Reader::digits() noexcept {
  if (rest_.empty() || !is_digit(rest_.front())) return false;
  while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
  return true;
}

}  // namespace

bool is_json(std::string_view text) noexcept {
  return Reader(text).document();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

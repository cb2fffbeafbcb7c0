#include "model/readable_json.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "model/cut_text.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t unit_size = 6;  // of `\uXXXX`
constexpr std::string_view number_characters = "+-.0123456789Ee";

// Whether an escape of a UTF-16 code unit from `first` up to `last` stands at `at`.
bool is_unit(std::string_view text, std::size_t at, unsigned first, unsigned last) {
  const std::string_view escape = text.substr(std::min(at, text.size()), unit_size);
  if (escape.size() < unit_size || escape[0] != '\\' || escape[1] != 'u') return false;
  unsigned unit = 0;
  const char* const end = escape.data() + unit_size;
  const auto read = std::from_chars(escape.data() + 2, end, unit, 16);
  return read.ec == std::errc() && read.ptr == end && unit >= first && unit <= last;
}

// Appends the string that begins at `at`, quotes included. Returns where it ends.
std::size_t append_string(std::string_view text, std::size_t at, std::string& out) {
  out += text[at++];
  while (at < text.size()) {
    const bool is_high = is_unit(text, at, 0xD800, 0xDBFF);
    if (is_high && is_unit(text, at + unit_size, 0xDC00, 0xDFFF)) {
      out += text.substr(at, 2 * unit_size);
      at += 2 * unit_size;
    } else if (is_high || is_unit(text, at, 0xDC00, 0xDFFF)) {
      out += "\\ufffd";
      at += unit_size;
    } else if (text[at] == '\\') {
      out += text.substr(at, 2);
      at += 2;
    } else {
      out += text[at];
      if (text[at++] == '"') break;
    }
  }
  return at;
}

bool is_beyond_double(std::string_view number) {
  double ignored = 0;
  const char* const end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, ignored);
  const bool is_small = number.find("e-") != number.npos || number.find("E-") != number.npos;
  return read.ec == std::errc::result_out_of_range && read.ptr == end && !is_small;
}

}  // namespace

std::string readable_json(std::string_view text) {
  const std::string utf8 = repaired(text);
  const std::string_view rest = utf8;
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < rest.size();) {
    if (rest[at] == '"') {
      at = append_string(rest, at, out);
      continue;
    }
    const std::size_t end = std::min(rest.find_first_not_of(number_characters, at), rest.size());
    const std::string_view word = rest.substr(at, std::max<std::size_t>(end - at, 1));
    if (is_beyond_double(word)) {
      out += word.front() == '-' ? "-1e308" : "1e308";
    } else {
      out += word;
    }
    at += word.size();
  }
  return out;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

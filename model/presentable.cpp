#include "model/presentable.h"

#include "model/hex_digit.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t most_line_bytes = 1024;
constexpr char blot[] = "********";
constexpr char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The characters of the base64 form of `offset` unknown bytes and `secret` that depend on `secret`
// alone.
std::string encoded_core(const std::string& secret, std::size_t offset) {
  std::string core;
  const std::size_t bits = 8 * (offset + secret.size());
  // Character i covers the bits 6i to 6i+5.
  for (std::size_t i = (8 * offset + 5) / 6; 6 * i + 6 <= bits; ++i) {
    unsigned value = 0;
    for (std::size_t bit = 6 * i; bit < 6 * i + 6; ++bit) {
      const auto byte = static_cast<unsigned char>(secret[bit / 8 - offset]);
      value = value << 1 | (byte >> (7 - bit % 8) & 1U);
    }
    core += base64_alphabet[value];
  }
  return core;
}

// Of a token, as it is or percent-encoded.
bool is_of_token(char character) noexcept {
  return character == '=' || character == '-' || character == '_' || character == '%' ||
         std::string_view(base64_alphabet).find(character) != std::string_view::npos;
}

// The value of the `digits` hexadecimal digits at `at`; -1 when they are none, or not all there.
int hex_at(std::string_view text, std::size_t at, std::size_t digits) noexcept {
  if (text.size() < at + digits) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// The lengths of `character` in the forms in which others write it, which begin at `at` with a `%`,
// a `\\` or a `&`; 0: something else is there. What was escaped up to three times is
// escaped; bounded, because the text is a stranger's.
constexpr std::size_t most_backslashes = 7;
constexpr std::size_t most_percents = 3;

std::size_t length_in_percent(int code, std::string_view text, std::size_t at) {
  std::size_t digits = at + 1;
  for (std::size_t times = 1; times < most_percents; ++times) {
    if (hex_at(text, digits, 2) != code && text.substr(digits, 2) == "25") digits += 2;
  }
  return hex_at(text, digits, 2) == code ? digits + 2 - at : 0;
}

std::size_t length_escaped(char character, int code, std::string_view text, std::size_t at) {
  const std::size_t run = text.substr(at, most_backslashes + 1).find_first_not_of('\\');
  if (run == std::string_view::npos) return 0;
  const std::size_t end = at + run;
  // First the longer forms: `u` and `x` may be the character itself.
  if (text[end] == 'u' && hex_at(text, end + 1, 4) == code) return end + 5 - at;
  if (text[end] == 'x' && hex_at(text, end + 1, 2) == code) return end + 3 - at;
  return text[end] == character ? end + 1 - at : 0;
}

std::size_t length_of_entity(int code, std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 8;
  const std::size_t end = text.substr(at, longest).find(';');
  if (end == std::string_view::npos || text.substr(at, 2) != "&#") return 0;
  std::string_view digits = text.substr(at + 2, end - 2);
  const bool is_hex = !digits.empty() && (digits[0] == 'x' || digits[0] == 'X');
  if (is_hex) digits.remove_prefix(1);
  int value = 0;
  for (const char digit : digits) {
    const int one = hex_digit(digit);
    if (one < 0 || (!is_hex && one > 9)) return 0;
    value = value * (is_hex ? 16 : 10) + one;
  }
  return value == code ? end + 1 : 0;
}

// The length of `character` at `at` in any form: as it is, percent-encoded, escaped as in JSON or
// HTML, or in base64 for addresses. 0: something else is there.
std::size_t length_of(char character, std::string_view text, std::size_t at, bool is_base64) {
  if (at >= text.size()) return 0;
  const char found = text[at];
  if (found == character) return 1;
  if (is_base64 && ((character == '+' && found == '-') || (character == '/' && found == '_'))) {
    return 1;
  }
  const int code = static_cast<unsigned char>(character);
  switch (found) {
    case '%':
      return length_in_percent(code, text, at);
    case '\\':
      return length_escaped(character, code, text, at);
    case '&':
      return length_of_entity(code, text, at);
    default:
      return 0;
  }
}

// The length of a line break at `at`, escaped or not, with the indentation behind it: long tokens
// are folded by some.
std::size_t length_of_fold(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size()) {
    if (text[end] == '\n' || text[end] == '\r' || (end > at && text[end] == ' ')) {
      ++end;
    } else if (text.substr(end, 2) == "\\n" || text.substr(end, 2) == "\\r") {
      end += 2;
    } else {
      break;
    }
  }
  return end - at;
}

// Where the secret that begins at `begin` ends; `begin` when none does. Where the text ends in the
// middle of it, and `may_be_cut`, its end is the text's.
std::size_t end_of(const std::string& secret, std::string_view text, std::size_t begin,
                   bool is_base64, bool may_be_cut) {
  // Fewer characters than this occur by chance.
  constexpr std::size_t least_part = 4;
  constexpr std::size_t longest_form = 16;
  std::size_t at = begin;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::size_t length = length_of(secret[i], text, at, is_base64);
    if (length == 0 && i > 0) {
      at += length_of_fold(text, at);
      length = length_of(secret[i], text, at, is_base64);
    }
    if (length == 0) {
      const bool ends_here =
          at == text.size() || (text.size() - at < longest_form &&
                                std::string_view("%\\&").find(text[at]) != std::string_view::npos);
      return may_be_cut && i >= least_part && ends_here ? text.size() : begin;
    }
    at += length;
  }
  return at;
}

void blot_out(std::string& text, const std::string& secret, bool is_base64, bool may_be_cut) {
  // Fewer characters than this occur by chance.
  constexpr std::size_t least_token = 4;
  if (secret.empty() || (is_base64 && secret.size() < least_token)) return;
  for (std::size_t found = 0; found < text.size(); ++found) {
    std::size_t end = end_of(secret, text, found, is_base64, may_be_cut);
    if (end == found) continue;
    std::size_t begin = found;
    while (is_base64 && begin > 0 && is_of_token(text[begin - 1])) --begin;
    while (is_base64 && end < text.size() && is_of_token(text[end])) ++end;
    text.replace(begin, end - begin, blot);
    found = begin + sizeof(blot) - 2;  // its last character
  }
}

std::string without_secrets(std::string_view message, const Secrets& secrets, bool may_be_cut) {
  std::string text(message);
  blot_out(text, secrets.plain, false, may_be_cut);
  for (const std::string& encoded : secrets.encoded) blot_out(text, encoded, true, may_be_cut);
  return text;
}

// At a boundary of characters.
void cut(std::string& text, std::size_t most) {
  constexpr std::string_view mark = "...";
  if (text.size() <= most) return;
  std::size_t end = most - mark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.replace(end, text.size() - end, mark);
}

void append_escaped(std::string& line, char character) {
  const auto byte = static_cast<unsigned char>(character);
  constexpr char digits[] = "0123456789abcdef";
  if (character == '\n') {
    line += "\\n";
  } else if (byte < 0x20 || byte == 0x7f) {
    line += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  } else {
    line += character;
  }
}

}  // namespace

Secrets::Secrets(const std::string& secret) : plain(secret) {
  for (std::size_t offset = 0; offset < encoded.size(); ++offset) {
    encoded[offset] = encoded_core(secret, offset);
  }
}

std::string presentable(std::string_view message, const Secrets& secrets) {
  std::string line;
  for (const char character : without_secrets(message, secrets, false)) {
    append_escaped(line, character);
  }
  cut(line, most_line_bytes);
  return line;
}

std::string shortened(std::string_view words, std::size_t most, const Secrets& secrets) {
  std::string text = without_secrets(words, secrets, true);
  cut(text, most);
  return text;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

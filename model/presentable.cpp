#include "model/presentable.h"

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

bool is_base64(char character) noexcept {
  return character == '=' ||
         std::string_view(base64_alphabet).find(character) != std::string_view::npos;
}

void blot_out(std::string& text, const std::string& secret, bool with_token) {
  // Fewer characters than this occur by chance.
  constexpr std::size_t least_token = 4;
  if (secret.empty() || (with_token && secret.size() < least_token)) return;
  std::size_t found = 0;
  while ((found = text.find(secret, found)) != std::string::npos) {
    std::size_t begin = found;
    std::size_t end = found + secret.size();
    while (with_token && begin > 0 && is_base64(text[begin - 1])) --begin;
    while (with_token && end < text.size() && is_base64(text[end])) ++end;
    text.replace(begin, end - begin, blot);
    found = begin + sizeof(blot) - 1;
  }
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
  std::string text(message);
  blot_out(text, secrets.plain, false);
  for (const std::string& encoded : secrets.encoded) blot_out(text, encoded, true);
  std::string line;
  for (const char character : text) append_escaped(line, character);
  constexpr std::string_view mark = "...";
  if (line.size() > most_line_bytes) {
    std::size_t end = most_line_bytes - mark.size();
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0U) == 0x80U) --end;
    line.replace(end, line.size() - end, mark);
  }
  return line;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

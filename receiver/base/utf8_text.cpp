#include "receiver/base/utf8_text.h"

namespace langfuse_receiver {
namespace {

// What stands at the beginning of a text: a character, or the bytes that one U+FFFD stands for.
struct Piece {
  std::size_t length = 1;
  bool is_character = false;
};

// REQUIRES: `text` is not empty.
Piece first_piece(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return {1, true};
  }
  if (lead < 0xC2 || lead > 0xF4) {
    return {1, false};
  }
  // The second byte decides about overlong forms, surrogates, and what is beyond Unicode.
  const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < 2 || byte(1) < least || byte(1) > most) {
    return {1, false};
  }
  std::size_t have = 2;
  while (have < length && have < text.size() && (byte(have) & 0xC0U) == 0x80U) {
    ++have;
  }
  return {have, have == length};
}

}  // namespace

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  while (!text.empty()) {
    const Piece piece = first_piece(text);
    repaired += piece.is_character ? text.substr(0, piece.length) : "\xEF\xBF\xBD";
    text.remove_prefix(piece.length);
  }
  return repaired;
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) {
    --limit;
  }
  return text.substr(0, limit);
}

}  // namespace langfuse_receiver

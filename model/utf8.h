// UTF-8. The server drops invalid UTF-8, so all text is repaired before sending.
//
// Ill-formed bytes become U+FFFD, one for each maximal subpart (The Unicode Standard, section 3.9,
// "U+FFFD Substitution of Maximal Subparts"), as in browsers and Python.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "model/plain_text.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

// True if every byte is below 0x80. Inline and without a loop over single bytes, because it is
// called for each text of each record.
inline bool is_ascii(std::string_view text) noexcept {
  const char* const data = text.data();
  const std::size_t size = text.size();
  if (size >= sizeof(ByteBlock)) {
    ByteBlock all{};
    ByteBlock block;
    for (std::size_t at = 0; at + sizeof block < size; at += sizeof block) {
      std::memcpy(&block, data + at, sizeof block);
      all |= block;
    }
    // The last block overlaps the one before it.
    std::memcpy(&block, data + size - sizeof block, sizeof block);
    return !has_high_bit(all | block);
  }
  if (size >= sizeof(SmallByteBlock)) {
    SmallByteBlock blocks[2];
    std::memcpy(&blocks[0], data, sizeof blocks[0]);
    std::memcpy(&blocks[1], data + size - sizeof blocks[1], sizeof blocks[1]);
    return !has_high_bit(blocks[0] | blocks[1]);
  }
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// The length of the longest well-formed prefix; it ends at a character boundary.
std::size_t well_formed_prefix(std::string_view text) noexcept;

// The number of bytes that one U+FFFD replaces at the beginning of `text`: 1 to 3. REQUIRES: `text`
// is not empty and does not begin with a well-formed character.
std::size_t ill_formed_length(std::string_view text) noexcept;

// The length of `text`, repaired, in UTF-16 code units, which is how the server counts.
std::size_t utf16_size(std::string_view text) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

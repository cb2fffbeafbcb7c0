// Copying the text that nearly all text of a program is, plain ASCII, and finding out on the way
// whether it is.
//
// Sixteen bytes at a time with what every processor of its kind has (SSE2, NEON), eight elsewhere:
// nothing here asks which processor it runs on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Both kinds of block hold bytes; arithmetic and comparison are those of the single bytes.
using ByteBlock = std::uint8_t __attribute__((vector_size(16)));
using SmallByteBlock = std::uint8_t __attribute__((vector_size(8)));

inline bool has_high_bit(ByteBlock block) noexcept {
#if defined(__SSE2__)
  return _mm_movemask_epi8(reinterpret_cast<__m128i>(block)) != 0;
#elif defined(__ARM_NEON) && defined(__aarch64__)
  return vmaxvq_u8(reinterpret_cast<uint8x16_t>(block)) >= 0x80;
#else
  std::uint64_t words[2];
  std::memcpy(words, &block, sizeof words);
  return ((words[0] | words[1]) & 0x8080808080808080u) != 0;
#endif
}

inline bool has_high_bit(SmallByteBlock block) noexcept {
  std::uint64_t word;
  std::memcpy(&word, &block, sizeof word);
  return (word & 0x8080808080808080u) != 0;
}

// What a text may consist of: `marks(block)` sets the high bit of each byte that it may not, and
// has it nowhere else. Any block, and `filler` is a byte that it may.
struct AnyAscii {
  template <class Block>
  static Block marks(Block block) noexcept {
    return block;
  }
};

// What stands for itself in a JSON string as we write it: no control character, quote, backslash.
struct UnescapedAscii {
  template <class Block>
  static Block marks(Block block) noexcept {
    const auto is_escaped = (block < 0x20) | (block == '"') | (block == '\\') | (block == 0x7F);
    return block | reinterpret_cast<Block>(is_escaped);
  }
};

namespace plain_text {

template <class Block>
Block moved(char* out, const char* text) noexcept {
  Block block;
  std::memcpy(&block, text, sizeof block);
  std::memcpy(out, &block, sizeof block);
  return block;
}

// Fewer than eight bytes, and nothing behind them is read.
template <class Allowed>
bool copy_short(char* out, const char* text, std::size_t size) noexcept {
  SmallByteBlock block = {'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'};
  if (size >= 4) {
    // Two words that overlap.
    std::uint32_t words[2];
    std::memcpy(&words[0], text, sizeof words[0]);
    std::memcpy(&words[1], text + size - sizeof words[1], sizeof words[1]);
    std::memcpy(out, &words[0], sizeof words[0]);
    std::memcpy(out + size - sizeof words[1], &words[1], sizeof words[1]);
    std::memcpy(&block, words, sizeof block);
  } else {
    for (std::size_t at = 0; at < size; ++at) {
      out[at] = text[at];
      block[at] = static_cast<std::uint8_t>(text[at]);
    }
  }
  return !has_high_bit(Allowed::marks(block));
}

}  // namespace plain_text

// Copies `text` to `out`, all of it, whatever it is. True when it is made of what is allowed.
template <class Allowed>
bool copy_plain(char* out, std::string_view text) noexcept {
  using plain_text::moved;
  const char* const data = text.data();
  const std::size_t size = text.size();
  if (size >= sizeof(ByteBlock)) {
    constexpr std::size_t step = sizeof(ByteBlock);
    ByteBlock marks{};
    std::size_t at = 0;
    const auto move_block = [&](std::size_t where) {
      marks |= Allowed::marks(moved<ByteBlock>(out + where, data + where));
    };
    for (; at + 4 * step < size; at += 4 * step) {
      move_block(at);
      move_block(at + step);
      move_block(at + 2 * step);
      move_block(at + 3 * step);
    }
    for (; at + step < size; at += step) move_block(at);
    move_block(size - step);  // overlaps the one before it
    return !has_high_bit(marks);
  }
  if (size >= sizeof(SmallByteBlock)) {
    const std::size_t at = size - sizeof(SmallByteBlock);
    return !has_high_bit(Allowed::marks(moved<SmallByteBlock>(out, data)) |
                         Allowed::marks(moved<SmallByteBlock>(out + at, data + at)));
  }
  return plain_text::copy_short<Allowed>(out, data, size);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

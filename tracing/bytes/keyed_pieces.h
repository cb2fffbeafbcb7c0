// Encoded pieces laid end to end, each under a key: the finished attributes of an open observation,
// and the members of its JSON objects.
//
// A piece replaces an older one with the same key, so no key appears twice. Each key has one of 64
// bits: while it is clear, no piece has the key, and nothing is searched. Used by one thread at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "tracing/bytes/growing_array.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The bit of a key that a user made up: one of the upper half. The lower half is for keys that are
// known when the library is compiled, see `AttributeKey::number`, so that none of those is ever
// searched because of a user's.
constexpr std::uint8_t bit_of_users_key(std::string_view key) noexcept {
  if (key.empty()) return 32;
  const auto first = static_cast<unsigned char>(key.front());
  const auto last = static_cast<unsigned char>(key.back());
  return static_cast<std::uint8_t>(32 + (first + 3 * key.size() + 5U * last) % 32);
}

class KeyedPieces {
 public:
  struct Entry {
    std::uint32_t offset;
    std::uint32_t size;
    std::uint32_t key_size;
    std::uint16_t key_offset;  // from `offset`
    std::uint8_t key_bit;      // follows from the key
    bool is_part = false;      // of a value that has several pieces
  };

  // Makes room for a piece of at most `size` bytes. Null when there is no memory, or when all
  // pieces together could exceed 4 GiB.
  char* reserve(std::size_t size) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (size > most || bytes_.size() > most - size) return nullptr;
    return entries_.reserve(1) == nullptr ? nullptr : bytes_.reserve(size);
  }

  // The same without asking for memory.
  char* room_at_hand(std::size_t size) noexcept {
    return entries_.has_room(1) && bytes_.has_room(size) ? bytes_.end() : nullptr;
  }

  // False when no piece has a key with this bit.
  bool may_have(std::uint8_t key_bit) const noexcept { return (key_bits_ >> key_bit & 1) != 0; }

  // Adds a piece of `size` bytes that was written into reserved room, and removes the piece with
  // the same key. The key begins `key_offset` bytes behind the piece's beginning.
  void commit(std::size_t size, std::size_t key_offset, std::size_t key_size,
              std::uint8_t key_bit) noexcept {
    const bool is_search_needed = may_have(key_bit);
    commit_new(size, key_offset, key_size, key_bit);
    if (is_search_needed) remove_older();
  }
  // The same where no piece has the key.
  void commit_new(std::size_t size, std::size_t key_offset, std::size_t key_size,
                  std::uint8_t key_bit) noexcept {
    *entries_.end() = {static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(size),
                       static_cast<std::uint32_t>(key_size), static_cast<std::uint16_t>(key_offset),
                       key_bit};
    entries_.commit(1);
    bytes_.commit(size);
    key_bits_ |= std::uint64_t{1} << key_bit;
  }

  // Removes every piece for which `match(entry)` is true.
  template <class Match>
  void remove_if(Match match) noexcept {
    for (std::size_t i = entries_.size(); i-- > 0;) {
      if (match(entries_.data()[i])) remove(i);
    }
  }

  // Writes every piece again, in place and in order. `shorten(out, piece, entry)` writes a piece at
  // `out`, corrects the entry's key position, and returns the new end, which must not be behind the
  // old one. `out` may lie before the piece in the same memory.
  template <class Shorten>
  void shorten_all(Shorten shorten) noexcept {
    char* out = bytes_.data();
    for (Entry& entry : entries_) {
      char* const end = shorten(out, piece(entry), entry);
      entry.offset = static_cast<std::uint32_t>(out - bytes_.data());
      entry.size = static_cast<std::uint32_t>(end - out);
      out = end;
    }
    const std::size_t size = static_cast<std::size_t>(out - bytes_.data());
    bytes_.erase(size, bytes_.size() - size);
  }

  std::string_view bytes() const noexcept { return {bytes_.data(), bytes_.size()}; }
  // The piece that was committed last. REQUIRES: it was not removed since.
  Entry* newest() noexcept { return entries_.end() - 1; }
  const GrowingArray<Entry>& entries() const noexcept { return entries_; }
  std::string_view piece(const Entry& entry) const noexcept {
    return {bytes_.data() + entry.offset, entry.size};
  }
  std::string_view key(const Entry& entry) const noexcept {
    return piece(entry).substr(entry.key_offset, entry.key_size);
  }

  // Keeps the memory for the next observation, but not the memory of an exceptionally large one.
  void clear() noexcept {
    key_bits_ = 0;
    bytes_.clear(largest_kept_bytes);
    entries_.clear(largest_kept_entries);
  }

 private:
  static constexpr std::size_t largest_kept_bytes = 64 * 1024;
  static constexpr std::size_t largest_kept_entries = 1024;

  bool has_same_key(const Entry& a, const Entry& b) const noexcept {
    return a.key_bit == b.key_bit && a.key_size == b.key_size &&
           std::memcmp(bytes_.data() + a.offset + a.key_offset,
                       bytes_.data() + b.offset + b.key_offset, a.key_size) == 0;
  }

  // Removes what had the key of the newest piece before.
  void remove_older() noexcept {
    for (std::size_t i = 0; i + 1 < entries_.size(); ++i) {
      if (has_same_key(entries_.data()[i], *newest())) {
        remove(i);
        return;
      }
    }
  }

  void remove(std::size_t index) noexcept {
    const Entry removed = entries_.data()[index];
    bytes_.erase(removed.offset, removed.size);
    entries_.erase(index, 1);
    for (Entry* entry = entries_.begin() + index; entry != entries_.end(); ++entry) {
      entry->offset -= removed.size;
    }
  }

  GrowingArray<char> bytes_;
  GrowingArray<Entry> entries_;
  std::uint64_t key_bits_ = 0;  // of all pieces, and perhaps of some that were removed
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

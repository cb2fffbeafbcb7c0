// Encoded pieces laid end to end, each under a key: the finished attributes of an open observation,
// and the members of its JSON objects.
//
// A piece replaces an older one with the same key, so no key appears twice. Used by one thread at a
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

class KeyedPieces {
 public:
  struct Entry {
    std::uint32_t offset;
    std::uint32_t size;
    std::uint32_t key_size;
    std::uint16_t key_offset;  // from `offset`
    std::uint8_t group;        // keys are compared within their group
    bool is_part = false;      // of a value that has several pieces
  };

  // Makes room for a piece of at most `size` bytes. Null when there is no memory, or when all
  // pieces together could exceed 4 GiB.
  char* reserve(std::size_t size) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (size > most || bytes_.size() > most - size) return nullptr;
    return entries_.reserve(1) == nullptr ? nullptr : bytes_.reserve(size);
  }

  // Adds a piece of `size` bytes that was written into reserved room, and removes the piece with
  // the same key. The key begins `key_offset` bytes behind the piece's beginning.
  void commit(std::uint8_t group, std::size_t size, std::size_t key_offset,
              std::size_t key_size) noexcept {
    const Entry added{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(size),
                      static_cast<std::uint32_t>(key_size), static_cast<std::uint16_t>(key_offset),
                      group};
    bytes_.commit(size);
    *entries_.reserve(1) = added;
    entries_.commit(1);
    for (std::size_t i = 0; i + 1 < entries_.size(); ++i) {
      if (has_same_key(entries_.data()[i], added)) {
        remove(i);
        return;
      }
    }
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
    bytes_.clear(largest_kept_bytes);
    entries_.clear(largest_kept_entries);
  }

 private:
  static constexpr std::size_t largest_kept_bytes = 64 * 1024;
  static constexpr std::size_t largest_kept_entries = 1024;

  bool has_same_key(const Entry& a, const Entry& b) const noexcept {
    return a.group == b.group && a.key_size == b.key_size &&
           std::memcmp(bytes_.data() + a.offset + a.key_offset,
                       bytes_.data() + b.offset + b.key_offset, a.key_size) == 0;
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
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "storage/chunk_home.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::atomic<ChunkHome*> homes{nullptr};  // release: publishes the homes
// Of all homes. They publish nothing.
std::atomic<std::uint64_t> mapped_bytes{0};
std::atomic<std::uint64_t> most_mapped_bytes{std::uint64_t{64} << 20};
std::atomic<std::int64_t> free_chunks{0};

void unmap(Chunk& chunk) noexcept {
  const std::size_t size = chunk.size;
  chunk.home->chunks.fetch_sub(1, std::memory_order_relaxed);
  chunk.~Chunk();
  munmap(&chunk, size);
  mapped_bytes.fetch_sub(size, std::memory_order_relaxed);
}

// Pages of its own: what is given back is the system's again at once, whatever else the process has
// allocated meanwhile. They are asked for in one go, which costs less than one fault a page.
Chunk* map(ChunkHome& home, std::size_t size) noexcept {
  if (mapped_bytes.fetch_add(size, std::memory_order_relaxed) + size <=
      most_mapped_bytes.load(std::memory_order_relaxed)) {
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory != MAP_FAILED) {
      home.chunks.fetch_add(1, std::memory_order_relaxed);
      return new (memory) Chunk(&home, static_cast<std::uint32_t>(size), Chunk::opened);
    }
  }
  mapped_bytes.fetch_sub(size, std::memory_order_relaxed);
  return nullptr;
}

// Puts a chain of chunks before what is there.
void put(ChunkHome& home, Chunk* first, Chunk* last) noexcept {
  last->next = home.free.load(std::memory_order_relaxed);
  while (!home.free.compare_exchange_weak(last->next, first, std::memory_order_release,
                                          std::memory_order_relaxed)) {
  }
}

// The first of the free ones; the others go back. What was put there meanwhile is a short chain:
// only that one is walked.
Chunk* take_free(ChunkHome& home) noexcept {
  Chunk* const taken = home.free.exchange(nullptr, std::memory_order_acquire);
  if (taken == nullptr) return nullptr;
  Chunk* rest = taken->next;
  while (rest != nullptr) {
    Chunk* nothing = nullptr;
    if (home.free.compare_exchange_strong(nothing, rest, std::memory_order_release,
                                          std::memory_order_relaxed))
      break;
    Chunk* const newer = home.free.exchange(nullptr, std::memory_order_acquire);
    if (newer == nullptr) continue;
    Chunk* last = newer;
    while (last->next != nullptr) last = last->next;
    last->next = rest;
    rest = newer;
  }
  const std::uint32_t left = home.free_count.fetch_sub(1, std::memory_order_relaxed) - 1;
  if (left < home.fewest_free.load(std::memory_order_relaxed))
    home.fewest_free.store(left, std::memory_order_relaxed);
  free_chunks.fetch_sub(1, std::memory_order_relaxed);
  return taken;
}

void give_back(Chunk& chunk) noexcept {
  ChunkHome& home = *chunk.home;
  if (chunk.size < home.chunk_size.load(std::memory_order_relaxed)) {
    unmap(chunk);
    return;
  }
  home.free_count.fetch_add(1, std::memory_order_relaxed);
  free_chunks.fetch_add(1, std::memory_order_relaxed);
  put(home, &chunk, &chunk);
}

}  // namespace

ChunkHome* find_home() noexcept {
  for (ChunkHome* home = homes.load(std::memory_order_acquire); home != nullptr;
       home = home->next) {
    bool expected = false;
    if (home->is_owned.compare_exchange_strong(expected, true, std::memory_order_acq_rel))
      return home;
  }
  ChunkHome* const home = new (std::nothrow) ChunkHome();
  if (home == nullptr) return nullptr;
  home->next = homes.load(std::memory_order_relaxed);
  while (!homes.compare_exchange_weak(home->next, home, std::memory_order_release,
                                      std::memory_order_relaxed)) {
  }
  return home;
}

void leave_home(ChunkHome& home) noexcept {
  home.chunk_size.store(0, std::memory_order_relaxed);
  home.is_owned.store(false, std::memory_order_release);
}

// The size doubles where two chunks do not do: one to write to while the records of the other are
// on their way.
Chunk* take_chunk(ChunkHome& home, std::size_t room) noexcept {
  if (Chunk* const chunk = take_free(home)) {
    if (chunk->size - sizeof(Chunk) >= room) {
      chunk->balance.store(Chunk::opened, std::memory_order_relaxed);
      return chunk;
    }
    unmap(*chunk);
  }
  std::size_t size = home.chunk_size.load(std::memory_order_relaxed);
  if (home.chunks.load(std::memory_order_relaxed) >= 2) size *= 2;
  size = std::clamp(size, smallest_chunk, largest_chunk);
  while (size - sizeof(Chunk) < room) size *= 2;
  Chunk* const chunk = map(home, size);
  if (chunk != nullptr) home.chunk_size.store(size, std::memory_order_relaxed);
  return chunk;
}

void release(Chunk& chunk, std::int64_t records) noexcept {
  if (chunk.balance.fetch_sub(records, std::memory_order_acq_rel) != records) return;
  if (chunk.home != nullptr) {
    give_back(chunk);
    return;
  }
  chunk.~Chunk();
  std::free(&chunk);
}

void limit_chunks(std::uint64_t bytes) noexcept {
  most_mapped_bytes.store(bytes, std::memory_order_relaxed);
}

std::uint64_t chunk_bytes() noexcept {
  return mapped_bytes.load(std::memory_order_relaxed);
}

void trim_chunks() noexcept {
  for (ChunkHome* home = homes.load(std::memory_order_acquire); home != nullptr;
       home = home->next) {
    for (std::uint32_t i = home->fewest_free.load(std::memory_order_relaxed); i > 0; --i) {
      Chunk* const chunk = take_free(*home);
      if (chunk == nullptr) break;
      unmap(*chunk);
    }
    home->fewest_free.store(home->free_count.load(std::memory_order_relaxed),
                            std::memory_order_relaxed);
  }
}

bool has_free_chunks() noexcept {
  return free_chunks.load(std::memory_order_relaxed) > 0;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Where a thread's chunks come from and go back to: used again instead of being asked of the
// system.
//
// Each thread that makes records has a home, and takes free chunks from there. Whoever releases the
// last record of a chunk puts it back: the flusher, as a rule. When a thread ends, its home waits
// for another thread. Homes are never destroyed.
//
// What all homes have together is bounded (`limit_chunks`), and after a burst it goes back to the
// system (`trim_chunks`).
//
// Thread safety: `take_chunk` and `leave_home` are the owner's; all else is for any thread. Nothing
// here waits or locks, so that a child of a fork finds nothing locked for ever.
//
// Invariants:
//   1. A chunk in a list of free ones is empty, and in one list only.
//   2. Only one thread at a time takes the whole of such a list, by an exchange, and what it does
//   not
//      want it puts back as it puts any chunk there. So no list is ever changed in its middle, and
//      a head that is the same again means that the list is.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "langfuse/langfuse.h"
#include "storage/chunk.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A chunk starts small, because most threads say little, and doubles.
constexpr std::size_t smallest_chunk = 4096;
constexpr std::size_t largest_chunk = std::size_t{64} * 1024;

struct ChunkHome {
  ChunkHome* next = nullptr;  // in the list of all homes; never changes once it is in the list
  std::atomic<bool> is_owned{true};  // by a living thread
  // Of the owner's largest chunk so far; 0: it has had none. Smaller ones are not kept. Publishes
  // nothing.
  std::atomic<std::size_t> chunk_size{0};
  // How many chunks there are of it. Publishes nothing.
  std::atomic<std::uint32_t> chunks{0};
  // Release: publishes that the chunks in it are empty.
  std::atomic<Chunk*> free{nullptr};
  // How many are free, and the fewest since the last `trim_chunks`: so many are not needed. Near
  // enough; they publish nothing.
  std::atomic<std::uint32_t> free_count{0};
  std::atomic<std::uint32_t> fewest_free{0};
};

// A home that no thread has, or a new one; null when there is no memory.
ChunkHome* find_home() noexcept;
void leave_home(ChunkHome& home) noexcept;

// An open chunk with room for `room` bytes behind its header: a free one of the home, or one from
// the system; null when there is no memory, or the limit is reached.
Chunk* take_chunk(ChunkHome& home, std::size_t room) noexcept;

// Gives back `records` records of the chunk.
void release(Chunk& chunk, std::int64_t records) noexcept;

// From now on all threads' chunks together take at most `bytes`. Beyond that each record is in a
// chunk on its own.
void limit_chunks(std::uint64_t bytes) noexcept;
// What they take now.
std::uint64_t chunk_bytes() noexcept;

// Gives back to the system what was free all the time since the last call.
void trim_chunks() noexcept;
// Whether anything is free that later calls of `trim_chunks` would give back.
bool has_free_chunks() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

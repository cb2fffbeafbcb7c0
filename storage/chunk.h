// A chunk: one block of memory with finished records in it, and the count that says when the last
// of them is gone.
//
//   ┌───────┬───────────────────────────────┬───────────┬──────────────────────────────┐
//   │ Chunk │ bytes of 1, of 2, of 3 …  →   │   free    │   ← … headers of 3, of 2, of 1 │
//   └───────┴───────────────────────────────┴───────────┴──────────────────────────────┘
//
// Bytes and headers grow towards each other, so that the bytes of records that were made one after
// the other lie end to end: a request body takes a run of them with one copy.
//
// Two kinds:
//   - of a thread: the records that this thread makes (`storage/thread_chunks.h`);
//   - on its own: a record that is too large for those, or records that are kept for long, which
//     would hold back a thread's whole chunk. There the one header may stand in front of the bytes.
//
// Thread safety: the records of a thread's chunk are made by that thread alone. A record is its
// owner's, whichever thread that is on, and is given back by `release` (`storage/chunk_home.h`).
//
// Invariants:
//   1. `balance` = `opened` while the owner still puts records into the chunk, + the records that
//      were made by the time it stopped, − the records that were released. While the chunk is open
//      nothing is added for a record, so that making one changes no shared memory; what was made is
//      added when the chunk is closed. A chunk holds far fewer records than `opened`.
//   2. Who brings `balance` to 0 owns the chunk, and nobody has a record of it. Each release is a
//      read-modify-write that is acquire and release, so that all reading of the records happened
//      before.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "langfuse/langfuse.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ChunkHome;

struct Chunk {
  static constexpr std::int64_t opened = std::int64_t{1} << 32;

  Chunk(ChunkHome* owner, std::uint32_t whole_size, std::int64_t first_balance) noexcept
      : balance(first_balance), home(owner), size(whole_size) {}

  char* begin() noexcept { return reinterpret_cast<char*>(this) + sizeof(Chunk); }
  char* end() noexcept { return reinterpret_cast<char*>(this) + size; }

  std::atomic<std::int64_t> balance;
  ChunkHome* const home;     // of the thread's chunks that it belongs to; null: on its own
  Chunk* next = nullptr;     // in the home's list of those that are free
  const std::uint32_t size;  // of the whole block
  char padding[36];          // headers of records stay on cache lines of their own
};
static_assert(sizeof(Chunk) == 64, "distances from a header to its chunk are counted in headers");

inline Chunk& chunk_of(Record& record) noexcept {
  return *reinterpret_cast<Chunk*>(&record - record.headers_to_block);
}

// A record in a chunk on its own, `size` 0; null when there is no memory. Any thread.
Record* make_record_alone(std::size_t capacity) noexcept;

// Copies records that lie side by side, `first` being the oldest of `count`, into a chunk on its
// own. Returns the copy of `first`, with the others beside it; null when there is no memory. Their
// footprints stay what they are. Any thread. REQUIRES: they are in a thread's chunk, with their
// bytes end to end.
Record* copy_records(const Record& first, std::size_t count) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

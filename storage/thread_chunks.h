// The chunk that the calling thread writes its records into: bump allocation, without lock, system
// call or atomic change of shared memory, while there is room in the chunk.
//
// A full chunk is left to the owners of its records, and the next one is taken from the thread's
// home; unless all its records are gone by then: then it begins anew, so that a thread that says
// little stays in one small chunk for ever. What is left at the end of a chunk that was left is the
// slack of the next record, so that the queue's byte limit sees it.
//
// Thread safety: each thread has its own. A signal handler that interrupts one of these functions
// on its own thread is turned away.
#pragma once

#include <cstddef>

#include "langfuse/langfuse.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The largest capacity that is worth a place in a thread's chunk: a larger one would leave too much
// of a chunk empty.
constexpr std::size_t most_in_chunk = 4096;

// A record in this thread's chunk, `size` 0. Null when there is none to be had: no memory, the
// limit of all chunks is reached, or the thread is ending. REQUIRES: capacity <= most_in_chunk.
Record* make_record_in_chunk(std::size_t capacity) noexcept;

// Whether the record was made on this thread, in its present chunk, and none since. Then …
// … gives back what it does not need of its capacity, or …
bool trim_last_record(Record& record) noexcept;
// … the whole record, as if it had never been made.
bool undo_last_record(Record& record) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

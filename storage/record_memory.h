// A record's place: who owns one, and who makes it.
//
// A small record lies in a chunk of the thread that makes it, side by side with the others of that
// thread; a large one, and one that is kept for long, in a chunk on its own.
#pragma once

#include <cstddef>
#include <memory>

#include "langfuse/langfuse.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct RecordDeleter {
  void operator()(Record* record) const noexcept;
};
using RecordPtr = std::unique_ptr<Record, RecordDeleter>;

// A record with room for `capacity` bytes and `size` 0; null when there is no memory, or it would
// take more than 4 GiB. Any thread.
RecordPtr allocate_record(std::size_t capacity) noexcept;

// The same where it is known that the record may be kept for long.
RecordPtr allocate_kept_record(std::size_t capacity) noexcept;

// Gives back what a record does not need of its capacity, where that can be had: on the thread that
// made it, before it makes another one. The record may move.
void shrink_record(RecordPtr& record) noexcept;

// Moves a record that will be kept for long out of its thread's chunk, which it would hold back.
// False when there is no memory for that; the record is then where it was.
bool keep_record(RecordPtr& record) noexcept;

// What an encoder made: a record, or why there is none.
struct EncodedRecord {
  RecordPtr record;
  DropReason dropped_as = DropReason::out_of_memory;
  std::size_t cut_texts = 0;  // how many were cut because the record would be too large
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

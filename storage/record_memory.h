// Where records live: who owns one, and who makes the place for it.
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

// A record with room for `capacity` bytes (at most 4 GiB - 1) and `size` 0; null when there is no
// memory. Any thread.
RecordPtr allocate_record(std::size_t capacity) noexcept;

// Gives back what a record does not need of its capacity.
void shrink_record(RecordPtr& record) noexcept;

// What an encoder made: a record, or why there is none.
struct EncodedRecord {
  RecordPtr record;
  DropReason dropped_as = DropReason::out_of_memory;
  std::size_t cut_texts = 0;  // how many were cut because the record would be too large
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

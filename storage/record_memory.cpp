#include "storage/record_memory.h"

#include <cstdint>
#include <cstring>

#include "storage/chunk.h"
#include "storage/chunk_home.h"
#include "storage/thread_chunks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Less is not worth the copy.
constexpr std::size_t worth_a_move = 4096;

bool is_alone(Record& record) noexcept {
  return chunk_of(record).home == nullptr;
}

// The same record in a chunk that fits.
Record* fitting_copy(const Record& record) noexcept {
  Record* const copy = make_record_alone(record.size);
  if (copy == nullptr) return nullptr;
  Record header = record;
  header.capacity = copy->capacity;
  header.to_data = copy->to_data;
  header.headers_to_block = copy->headers_to_block;
  header.slack = copy->slack;
  *copy = header;
  std::memcpy(copy->data(), record.data(), record.size);
  return copy;
}

}  // namespace

void RecordDeleter::operator()(Record* record) const noexcept {
  if (!undo_last_record(*record)) release(chunk_of(*record), 1);
}

RecordPtr allocate_record(std::size_t capacity) noexcept {
  if (capacity <= most_in_chunk) {
    if (Record* const record = make_record_in_chunk(capacity)) return RecordPtr(record);
  }
  return allocate_kept_record(capacity);
}

RecordPtr allocate_kept_record(std::size_t capacity) noexcept {
  return RecordPtr(make_record_alone(capacity));
}

void shrink_record(RecordPtr& record) noexcept {
  if (trim_last_record(*record)) return;
  if (!is_alone(*record) || record->capacity - record->size < worth_a_move) return;
  if (Record* const copy = fitting_copy(*record)) record.reset(copy);
}

bool keep_record(RecordPtr& record) noexcept {
  if (is_alone(*record)) return true;
  Record* const copy = copy_records(*record, 1);
  if (copy == nullptr) return false;
  record.reset(copy);
  return true;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

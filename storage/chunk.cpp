#include "storage/chunk.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// So that sizes of a record and of its chunk fit into 32 bits.
constexpr std::size_t largest_capacity =
    std::numeric_limits<std::uint32_t>::max() - sizeof(Chunk) - 2 * sizeof(Record);

// What is gone with a chunk on its own and is no record's.
constexpr std::uint16_t slack_alone = sizeof(Chunk);

Chunk* make_chunk_alone(std::size_t size, std::size_t records) noexcept {
  void* const memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  return new (memory)
      Chunk(nullptr, static_cast<std::uint32_t>(size), static_cast<std::int64_t>(records));
}

}  // namespace

Record* make_record_alone(std::size_t capacity) noexcept {
  if (capacity > largest_capacity) return nullptr;
  Chunk* const chunk = make_chunk_alone(sizeof(Chunk) + sizeof(Record) + capacity, 1);
  if (chunk == nullptr) return nullptr;
  Record* const record = new (chunk->begin()) Record();
  record->capacity = static_cast<std::uint32_t>(capacity);
  record->to_data = sizeof(Record);
  record->headers_to_block = sizeof(Chunk) / sizeof(Record);
  record->slack = slack_alone;
  return record;
}

Record* copy_records(const Record& first, std::size_t count) noexcept {
  const Record* const last = &first - (count - 1);
  const auto bytes = static_cast<std::size_t>(last->data() + last->size - first.data());
  const std::size_t lines = (bytes + sizeof(Record) - 1) / sizeof(Record);
  Chunk* const chunk = make_chunk_alone(sizeof(Chunk) + (lines + count) * sizeof(Record), count);
  if (chunk == nullptr) return nullptr;
  std::memcpy(chunk->begin(), first.data(), bytes);
  Record* const headers = reinterpret_cast<Record*>(chunk->end()) - count;
  std::memcpy(static_cast<void*>(headers), last, count * sizeof(Record));
  for (std::size_t i = 0; i < count; ++i) {
    const Record& original = last[i];
    Record& copy = headers[i];
    copy.slack = static_cast<std::uint16_t>(original.slack + original.capacity - original.size);
    copy.capacity = original.size;
    copy.to_data = static_cast<std::int32_t>(chunk->begin() + (original.data() - first.data()) -
                                             reinterpret_cast<char*>(&copy));
    copy.headers_to_block = static_cast<std::uint16_t>(
        (reinterpret_cast<char*>(&copy) - reinterpret_cast<char*>(chunk)) /
        static_cast<std::ptrdiff_t>(sizeof(Record)));
  }
  return headers + (count - 1);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

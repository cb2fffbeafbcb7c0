#include "storage/record_memory.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <type_traits>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void RecordDeleter::operator()(Record* record) const noexcept {
  record->~Record();
  std::free(record);
}

void shrink_record(RecordPtr& record) noexcept {
  static_assert(std::is_trivially_copyable<Record>::value, "it may be moved as bytes");
  void* const memory = std::realloc(record.get(), sizeof(Record) + record->size);
  if (memory == nullptr) return;
  static_cast<void>(record.release());  // of what is no more
  record.reset(static_cast<Record*>(memory));
  record->capacity = record->size;
}

RecordPtr allocate_record(std::size_t capacity) noexcept {
  if (capacity > std::numeric_limits<std::uint32_t>::max()) return nullptr;
  void* const memory = std::malloc(sizeof(Record) + capacity);
  if (memory == nullptr) return nullptr;
  RecordPtr record(new (memory) Record());
  record->capacity = static_cast<std::uint32_t>(capacity);
  return record;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

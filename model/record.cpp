#include "model/record.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void RecordDeleter::operator()(Record* record) const noexcept {
  record->~Record();
  std::free(record);
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

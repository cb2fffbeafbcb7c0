// Records for tests that do not care what is in them.
#pragma once

#include <cstring>
#include <string_view>

#include "storage/record_memory.h"

namespace langfuse::internal {

inline RecordPtr make_record(std::string_view bytes = "record",
                             RecordKind kind = RecordKind::span) {
  RecordPtr record = allocate_record(bytes.size());
  std::memcpy(record->data(), bytes.data(), bytes.size());
  record->size = static_cast<std::uint32_t>(bytes.size());
  record->kind = kind;
  return record;
}

}  // namespace langfuse::internal

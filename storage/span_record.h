// A finished span, written into the place of a record.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "langfuse/langfuse.h"
#include "model/span_encoder.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `write_attributes` gets the place for at most `attribute_bound` bytes and returns where they end.
// A record of more than `max_bytes` is cut or given up.
template <class WriteAttributes>
EncodedRecord encode_span(const SpanFields& fields, std::size_t attribute_bound,
                          std::size_t max_bytes, WriteAttributes write_attributes) noexcept {
  RecordPtr record = allocate_record(span_bound(fields, attribute_bound));
  if (record == nullptr) return {};
  char* const end = write_attributes(begin_span(fields, *record));
  const std::optional<std::size_t> cut_texts = finish_span(fields, *record, end, max_bytes);
  if (!cut_texts) return {nullptr, DropReason::too_large};
  if (*cut_texts != 0) shrink_record(record);
  return {std::move(record), DropReason::out_of_memory, *cut_texts};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

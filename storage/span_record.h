// A finished span, written into the place of a record.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "langfuse/langfuse.h"
#include "model/record_attributes.h"
#include "model/span_encoder.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Encodes `attributes`, each something of `record_attributes.h`, in their order. A record of more
// than `max_bytes` is cut or given up.
template <class... Attributes>
EncodedRecord encode_span(const SpanFields& fields, std::size_t max_bytes,
                          const Attributes&... attributes) noexcept {
  const std::size_t bound = (std::size_t{0} + ... + attributes.bound());
  RecordPtr record = allocate_record(span_bound(fields, bound));
  if (record == nullptr) return {};
  AttributeWriter writer(begin_span(fields, *record), bound);
  (writer.write(attributes), ...);
  if (!writer.is_in_bounds()) return {nullptr, DropReason::too_large};
  const std::optional<std::size_t> cut_texts =
      finish_span(fields, *record, writer.out(), max_bytes);
  if (!cut_texts) return {nullptr, DropReason::too_large};
  if (*cut_texts != 0) shrink_record(record);
  return {std::move(record), DropReason::out_of_memory, *cut_texts};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

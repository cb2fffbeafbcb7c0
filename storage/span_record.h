// A finished span, written into the place of a record.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "langfuse/langfuse.h"
#include "model/likely.h"
#include "model/record_attributes.h"
#include "model/span_encoder.h"
#include "model/span_head.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Writes `fields`, each something of `record_attributes.h`, in their order to `out`, where `bound`
// bytes of the record and `attribute_slack` more are left; they end the span. A record of more than
// `max_bytes` is cut or given up.
template <class... Fields>
EncodedRecord complete_record(RecordPtr record, char* out, std::size_t bound, std::size_t max_bytes,
                              const Fields&... fields) noexcept {
  AttributeWriter writer(out, bound);
  (writer.write(fields), ...);
  if (!likely(writer.is_in_bounds())) return {nullptr, DropReason::too_large};
  complete_span(*record, writer.out());
  std::size_t cut_texts = 0;
  if (!likely(record->size <= max_bytes)) {
    const std::optional<std::size_t> cut = limit_span(*record, max_bytes);
    if (!cut) return {nullptr, DropReason::too_large};
    cut_texts = *cut;
  }
  shrink_record(record);
  return {std::move(record), DropReason::out_of_memory, cut_texts};
}

// Any span: its fields, and its attributes.
template <class... Attributes>
EncodedRecord encode_span(const SpanFields& fields, std::size_t max_bytes,
                          const Attributes&... attributes) noexcept {
  const SpanStatus status(fields.is_error, fields.status_message);
  const std::size_t bound = (status.bound() + ... + attributes.bound());
  RecordPtr record = allocate_record(span_begin_bound(fields) + bound + attribute_slack);
  if (record == nullptr) return {};
  char* const out = begin_span(fields, *record);
  return complete_record(std::move(record), out, bound, max_bytes, attributes..., status);
}

// A log line. `write_head` writes everything in front of `fields`, at most `head_bound` bytes, into
// the record that it is given, and returns where it ends. Name and status are among `fields`.
template <class WriteHead, class... Fields>
EncodedRecord encode_line_record(std::size_t head_bound, WriteHead write_head,
                                 std::size_t max_bytes, const Fields&... fields) noexcept {
  const std::size_t bound = (std::size_t{0} + ... + fields.bound());
  RecordPtr record = allocate_record(head_bound + bound + attribute_slack);
  if (!likely(record != nullptr)) return {};
  record->kind = RecordKind::log_line;
  char* const out = write_head(*record);
  return complete_record(std::move(record), out, bound, max_bytes, fields...);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

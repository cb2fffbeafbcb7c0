// Encodes finished spans, log lines included, as records; no other code does.
//
// The encoding guarantees that ids have the right length, a root has no parent field, times are
// never zero and never run backwards, and every field and sub-message is written exactly once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "langfuse/ids.h"
#include "langfuse/langfuse.h"
#include "model/record.h"
#include "model/utf8.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The parts of a span besides its attributes. Texts are views.
struct SpanFields {
  RecordKind kind = RecordKind::span;
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  // invalid: a root
  Text name;
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
  bool is_error = false;
  Text status_message;  // for an error
};

// Allocates a record with room for `attribute_bound` bytes of attributes, and writes everything
// before them; `size` is where they begin. Null when there is no memory.
RecordPtr begin_span(const SpanFields& fields, std::size_t attribute_bound) noexcept;
// Writes everything behind the attributes, which end at `out`, and completes the length at the
// front. A record of more than `max_bytes` is cut, or dropped as `too_large`.
EncodedRecord finish_span(const SpanFields& fields, RecordPtr record, char* out,
                          std::size_t max_bytes) noexcept;

// Encodes a span in one allocation. `write_attributes` receives the place for at most
// `attribute_bound` bytes, and returns where they end.
template <class WriteAttributes>
EncodedRecord encode_span(const SpanFields& fields, std::size_t attribute_bound,
                          std::size_t max_bytes, WriteAttributes write_attributes) noexcept {
  RecordPtr record = begin_span(fields, attribute_bound);
  if (record == nullptr) return {};
  char* const end = write_attributes(record->data() + record->size);
  return finish_span(fields, std::move(record), end, max_bytes);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

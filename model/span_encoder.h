// Encodes finished spans, log lines included, as records; no other code does.
//
// The encoding guarantees that ids have the right length, a root has no parent field, times are
// never zero and never run backwards, and every field and sub-message is written exactly once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "langfuse/ids.h"
#include "langfuse/langfuse.h"
#include "model/record.h"
#include "model/record_attributes.h"
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

// How large the record of a span can become whose attributes take at most `attribute_bound` bytes.
std::size_t span_bound(const SpanFields& fields, std::size_t attribute_bound) noexcept;

// Writes everything in front of the attributes. Returns where they begin. REQUIRES: the record has
// the room of `span_bound`.
char* begin_span(const SpanFields& fields, Record& record) noexcept;

// Writes what stands behind the attributes, which end at `out`, and completes the length in front.
// Texts of a record of more than `max_bytes` are cut; returns how many, and nothing where even that
// would not help.
std::optional<std::size_t> finish_span(const SpanFields& fields, Record& record, char* out,
                                       std::size_t max_bytes) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

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
#include "model/cut_text.h"
#include "model/protobuf_writer.h"
#include "model/record.h"
#include "model/record_attributes.h"

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

// How many bytes `begin_span` writes at most, with what it touches behind them.
std::size_t span_begin_bound(const SpanFields& fields) noexcept;

// Writes everything in front of the attributes. Returns where they begin. REQUIRES: the record has
// the room of `span_begin_bound`.
char* begin_span(const SpanFields& fields, Record& record) noexcept;

// How the span ended, written behind the attributes. As `record_attributes.h` wants it.
class SpanStatus {
 public:
  // `message`: of an error. A view.
  SpanStatus(bool is_error, const Text& message) noexcept
      : is_error_(is_error), message_(message) {}

  std::size_t bound() const noexcept { return length_field_size(size()); }
  char* write(char* out) const noexcept {
    constexpr int status_field = 15;
    out = write_length_field(out, status_field, size());
    return is_error_ ? write_error(out) : out;
  }

 private:
  std::size_t size() const noexcept { return is_error_ ? error_size() : 0; }
  std::size_t error_size() const noexcept;
  char* write_error(char* out) const noexcept;

  bool is_error_;
  const Text& message_;
};

// Cuts texts of a record of more than `max_bytes`. Returns how many, and nothing where even that
// would not help.
std::optional<std::size_t> limit_span(Record& record, std::size_t max_bytes) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

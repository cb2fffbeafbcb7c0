#include "model/span_encoder.h"

#include "model/attribute_encoder.h"
#include "model/record_cutter.h"
#include "model/span_head.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Field numbers: opentelemetry/proto/trace/v1/trace.proto.
constexpr int name_field = 5;
constexpr int status_message_field = 2;
constexpr int status_code_field = 3;

constexpr char status_code_error = 2;
constexpr std::size_t code_size = 2;

}  // namespace

std::size_t span_begin_bound(const SpanFields& fields) noexcept {
  return constant_room + length_field_size(fields.name.size());
}

char* begin_span(const SpanFields& fields, Record& record) noexcept {
  record.kind = fields.kind;
  char* const out = span_head.write(record, fields.trace_id, fields.span_id, fields.parent_span_id,
                                    fields.start_unix_nano, fields.end_unix_nano);
  return fields.name.write(write_length_field(out, name_field, fields.name.size()));
}

std::size_t SpanStatus::error_size() const noexcept {
  return code_size + (message_.empty() ? 0 : length_field_size(message_.size()));
}

char* SpanStatus::write_error(char* out) const noexcept {
  if (!message_.empty()) {
    out = message_.write(write_length_field(out, status_message_field, message_.size()));
  }
  *out++ = varint_tag(status_code_field);
  *out++ = status_code_error;
  return out;
}

std::optional<std::size_t> limit_span(Record& record, std::size_t max_bytes) noexcept {
  const std::size_t cut = cut_record(record, max_bytes);
  if (cut == 0) return std::nullopt;
  return cut;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

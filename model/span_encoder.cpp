#include "model/span_encoder.h"

#include <algorithm>

#include "model/attribute_encoder.h"
#include "model/protobuf_writer.h"
#include "model/record_cutter.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Field numbers: opentelemetry/proto/trace/v1/trace.proto.
constexpr int spans_field = 2;  // of `ScopeSpans`
constexpr int trace_id_field = 1;
constexpr int span_id_field = 2;
constexpr int parent_span_id_field = 4;
constexpr int name_field = 5;
constexpr int kind_field = 6;
constexpr int start_field = 7;
constexpr int end_field = 8;
constexpr int status_field = 15;
constexpr int status_message_field = 2;
constexpr int status_code_field = 3;

constexpr char span_kind_internal = 1;
constexpr char status_code_error = 2;

constexpr std::size_t code_size = 2;
constexpr std::size_t parent_size = 2 + 8;
// Ids, kind and times, with their tags and lengths.
constexpr std::size_t fixed_fields_size = (2 + 16) + (2 + 8) + 2 + 9 + 9;

template <int Size>
std::string_view raw_bytes(const Id<Size>& id) noexcept {
  return {reinterpret_cast<const char*>(id.bytes), Size};
}

std::size_t status_size(const SpanFields& fields) noexcept {
  if (!fields.is_error) return 0;
  const std::size_t size = fields.status_message.size();
  return code_size + (size == 0 ? 0 : length_field_size(size));
}

}  // namespace

std::size_t span_bound(const SpanFields& fields, std::size_t attribute_bound) noexcept {
  return record_head_size + fixed_fields_size +
         (fields.parent_span_id.is_valid() ? parent_size : 0) +
         length_field_size(fields.name.size()) + attribute_bound + attribute_slack +
         length_field_size(status_size(fields));
}

char* begin_span(const SpanFields& fields, Record& record) noexcept {
  // The server takes a zero for the year 1970, and clocks can be wrong.
  const std::int64_t start = std::max<std::int64_t>(fields.start_unix_nano, 1);
  const std::int64_t end = std::max(fields.end_unix_nano, start);
  record.kind = fields.kind;
  record.trace_id = fields.trace_id;
  record.span_id = fields.span_id;
  record.start_unix_nano = start;

  char* out = record.data() + record_head_size;
  out = write_bytes_field(out, trace_id_field, raw_bytes(fields.trace_id));
  out = write_bytes_field(out, span_id_field, raw_bytes(fields.span_id));
  if (fields.parent_span_id.is_valid()) {
    out = write_bytes_field(out, parent_span_id_field, raw_bytes(fields.parent_span_id));
  }
  out = fields.name.write(write_length_field(out, name_field, fields.name.size()));
  *out++ = varint_tag(kind_field);
  *out++ = span_kind_internal;
  out = write_fixed64(out, start_field, static_cast<std::uint64_t>(start));
  return write_fixed64(out, end_field, static_cast<std::uint64_t>(end));
}

std::optional<std::size_t> finish_span(const SpanFields& fields, Record& record, char* out,
                                       std::size_t max_bytes) noexcept {
  out = write_length_field(out, status_field, status_size(fields));
  if (fields.is_error) {
    const Text& message = fields.status_message;
    if (!message.empty()) {
      out = message.write(write_length_field(out, status_message_field, message.size()));
    }
    *out++ = varint_tag(status_code_field);
    *out++ = status_code_error;
  }
  const std::size_t size = static_cast<std::size_t>(out - record.data());
  record.data()[0] = length_tag(spans_field);
  write_padded_length(record.data() + 1, size - record_head_size);
  record.size = static_cast<std::uint32_t>(size);
  if (size <= max_bytes) return 0;
  const std::size_t cut = cut_record(record, max_bytes);
  if (cut == 0) return std::nullopt;
  return cut;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

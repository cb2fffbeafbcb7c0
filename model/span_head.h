// The beginning of a span, laid out when the library is compiled: every field has its place, so
// that writing it is one copy and a few words. Inline, because every record has it.
//
//   12 length       of the `Span`, in `ScopeSpans`: five bytes, filled in when the span is complete
//   0A 10 trace id
//   12 08 span id
//   30 01           the kind: internal
//   39 start        fixed64, ns since the Unix epoch
//   41 end
//   22 08 parent    the parent's span id; the head of a root ends before it
//
// Source: opentelemetry/proto/trace/v1/trace.proto.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "langfuse/ids.h"
#include "model/attribute_key.h"
#include "model/protobuf_writer.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class SpanHead : public ConstantBytes {
 public:
  constexpr SpanHead() noexcept {
    constexpr std::string_view zeros("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof(TraceId));
    constexpr std::string_view eight = zeros.substr(0, 8);
    add(length_tag(2));
    add(zeros.substr(0, padded_length_size));
    add(length_tag(1));
    add(static_cast<char>(sizeof(TraceId)));
    add(zeros);
    add(length_tag(2));
    add(static_cast<char>(sizeof(SpanId)));
    add(eight);
    add(varint_tag(6));
    add('\1');
    for (const int field : {7, 8}) {
      add(fixed64_tag(field));
      add(eight);
    }
    add(length_tag(4));
    add(static_cast<char>(sizeof(SpanId)));
    add(eight);
  }

  // Writes the head into the record, and what of it the record itself says. Returns where the next
  // field goes. `parent`: invalid for a root. REQUIRES: the record has room for `constant_room`
  // bytes.
  char* write(Record& record, const TraceId& trace_id, const SpanId& span_id, const SpanId& parent,
              std::int64_t start_unix_nano, std::int64_t end_unix_nano) const noexcept {
    char* const behind = ConstantBytes::write(record.data());
    fill(record, trace_id, span_id, parent, start_unix_nano, end_unix_nano);
    return parent.is_valid() ? behind : record.data() + parent_at - 2;
  }

  // The same where the constant part is there already, and with it room for the parent. The server
  // takes a time of zero for the year 1970, and clocks can be wrong, so times are never zero and
  // never run backwards.
  static void fill(Record& record, const TraceId& trace_id, const SpanId& span_id,
                   const SpanId& parent, std::int64_t start_unix_nano,
                   std::int64_t end_unix_nano) noexcept {
    record.trace_id = trace_id;
    record.span_id = span_id;
    record.start_unix_nano = std::max<std::int64_t>(start_unix_nano, 1);
    const std::int64_t end = std::max(end_unix_nano, record.start_unix_nano);
    char* const out = record.data();
    std::memcpy(out + trace_id_at, trace_id.bytes, sizeof trace_id.bytes);
    std::memcpy(out + span_id_at, span_id.bytes, sizeof span_id.bytes);
    write_fixed64(out + start_at, 7, static_cast<std::uint64_t>(record.start_unix_nano));
    write_fixed64(out + end_at, 8, static_cast<std::uint64_t>(end));
    std::memcpy(out + parent_at, parent.bytes, sizeof parent.bytes);
  }

 private:
  static constexpr std::size_t trace_id_at = record_head_size + 2;
  static constexpr std::size_t span_id_at = trace_id_at + sizeof(TraceId) + 2;
  static constexpr std::size_t start_at = span_id_at + sizeof(SpanId) + 2;
  static constexpr std::size_t end_at = start_at + 9;
  static constexpr std::size_t parent_at = end_at + 9 + 2;
};
constexpr SpanHead span_head;

// The span is complete and ends at `end`: fills in its length, and the record's size.
inline void complete_span(Record& record, const char* end) noexcept {
  record.size = static_cast<std::uint32_t>(end - record.data());
  write_padded_length(record.data() + 1, record.size - record_head_size);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// A record: one finished span, log line or score, already encoded, on its way to the server.
//
// A fixed header and `size` bytes, which lie elsewhere in the same block of memory. Made by
// `tracing/` and `sinks/` in memory of `storage/`, and never changed after it was submitted, except
// that the exporter cuts one that is too large for the server.
//
// The bytes, by kind:
//
//   span, log_line   the `spans` field of an OTLP `ScopeSpans` message:
//                    0x12, the length of what follows as a varint of five bytes, an OTLP `Span`
//   score            one event of the ingestion route as JSON: `model/score_layout.h`
//
// so that a body is nothing but bytes of records, laid end to end behind one resource header.
//
// The header, 64 bytes in the byte order of the machine; no pointer, so that it means the same
// wherever its block is mapped:
//
//    0  commit word: u32 size, u32 CRC-32C. One store of eight bytes, the last that is written of a
//       record where it has to survive the process. In memory the CRC is 0.
//    8  u64 sequence: its number among what its thread submitted, from 1 on
//   16  trace id, 16 bytes
//   32  span id, 8 bytes
//   40  i64 start, nanoseconds since the Unix epoch
//   48  u32 capacity: room for the bytes
//   52  i32 from the header to the bytes
//   56  u16 from the header back to the begin of its block, in headers
//   58  u16 slack: bytes of the block that are lost through this record
//   60  u8 kind, u8 flags (none yet), u16 nothing yet
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class RecordKind : std::uint8_t { span, log_line, score };

// What goes to one address of the server in one body. Routes hold and fail independently.
enum class Route : std::uint8_t { spans, scores };
constexpr int route_count = 2;

struct Record {
  std::uint32_t size = 0;
  std::uint32_t crc32c = 0;
  std::uint64_t sequence = 0;  // set by the queue when the record is accepted
  TraceId trace_id;
  SpanId span_id;
  std::int64_t start_unix_nano = 0;
  std::uint32_t capacity = 0;
  std::int32_t to_data = 0;
  std::uint16_t headers_to_block = 0;
  std::uint16_t slack = 0;
  RecordKind kind = RecordKind::span;
  std::uint8_t flags = 0;
  std::uint16_t unused = 0;

  char* data() noexcept { return reinterpret_cast<char*>(this) + to_data; }
  const char* data() const noexcept { return reinterpret_cast<const char*>(this) + to_data; }
  std::string_view bytes() const noexcept { return {data(), size}; }
  Route route() const noexcept { return kind == RecordKind::score ? Route::scores : Route::spans; }
  // What it costs in memory, and what the queue's byte limit counts. Does not change once the
  // record was submitted.
  std::size_t footprint() const noexcept { return sizeof(Record) + capacity + slack; }
};
static_assert(sizeof(Record) == 64, "as written above, and one cache line");

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

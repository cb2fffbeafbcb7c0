// A record: one finished span, log line or score, already encoded, on its way to the server.
//
// One heap block: the fixed header below and, right behind it, `size` bytes. For spans and log
// lines the bytes are the `spans` field of an OTLP `ScopeSpans` message, tag and length included,
// so that a batch is nothing but records laid end to end behind one resource header. Made by
// `tracing/` and `sinks/` in memory of `storage/`, and never changed after it was submitted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ProducerSlot;

enum class RecordKind : std::uint8_t { span, log_line, score };

// What goes to one address of the server in one body. Routes hold and fail independently.
enum class Route : std::uint8_t { spans, scores };
constexpr int route_count = 2;

struct Record {
  // Set by the queue when the record is accepted: who submitted it, and its number among what that
  // thread submitted.
  ProducerSlot* slot = nullptr;
  std::uint64_t sequence = 0;

  std::uint32_t size = 0;
  std::uint32_t capacity = 0;
  RecordKind kind = RecordKind::span;
  TraceId trace_id;
  SpanId span_id;
  std::int64_t start_unix_nano = 0;

  char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  std::string_view bytes() const noexcept { return {data(), size}; }
  Route route() const noexcept { return kind == RecordKind::score ? Route::scores : Route::spans; }
  // What it costs in memory, and what the queue's byte limit counts.
  std::size_t footprint() const noexcept { return sizeof(Record) + capacity; }
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

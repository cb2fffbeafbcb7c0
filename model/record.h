// A record: one finished span, log line or score, already encoded, on its way to the server.
//
// One heap block: the fixed header below and, right behind it, `size` bytes. For spans and log
// lines the bytes are the `spans` field of an OTLP `ScopeSpans` message, tag and length included,
// so that a batch is nothing but records laid end to end behind one resource header. Made by
// `tracing/` and `sinks/`, owned by whoever holds the `RecordPtr`, never changed after it was
// submitted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "langfuse/ids.h"
#include "langfuse/langfuse.h"

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

struct RecordDeleter {
  void operator()(Record* record) const noexcept;
};
using RecordPtr = std::unique_ptr<Record, RecordDeleter>;

// A record with room for `capacity` bytes (at most 4 GiB - 1) and `size` 0; null when there is no
// memory. One allocation.
RecordPtr allocate_record(std::size_t capacity) noexcept;

// Gives back what a record does not need of its capacity.
void shrink_record(RecordPtr& record) noexcept;

// What an encoder made: a record, or why there is none.
struct EncodedRecord {
  RecordPtr record;
  DropReason dropped_as = DropReason::out_of_memory;
  std::size_t cut_texts = 0;  // how many were cut because the record would be too large
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

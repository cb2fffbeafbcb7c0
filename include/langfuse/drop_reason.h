// The reasons for which a record is not delivered, and the counts of them in `Stats` and
// `FlushResult`.
#pragma once

#include <cstdint>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// Why a record was not delivered. A record is an ended observation, a log line or a score. Numbers
// are never reused.
enum class DropReason : std::uint8_t {
  queue_full = 0,      // the queue held `queue_max_records`, or three quarters of it for a log line
  queue_bytes = 1,     // the queue held `queue_max_bytes`, or three quarters of it for a log line
  too_large = 2,       // larger than `record_max_bytes`, or refused alone with 413
  rejected = 3,        // the server refused it for good, for a fault of the record itself
  after_shutdown = 4,  // submitted after `shutdown()` began
  at_shutdown = 5,     // still undelivered when `shutdown()`, or the exit hook, ran out of time
  reentrant = 6,  // submitted from a signal handler that interrupted a submit on the same thread
  out_of_memory = 7,  // no memory for the record
  outside_scope = 8,  // a log line in no observation, with `drop_lines_outside_scopes`
  no_route = 9,       // a score, and the server for scores accepts none and is not Langfuse
  invalid = 10,       // a score that no server would accept; a diagnostic named the field
};
constexpr int drop_reason_count = 11;

// The enumerator's name, for instance "queue_full"; never null.
LANGFUSE_API const char* to_string(DropReason reason) noexcept;

// The number of dropped records, by reason.
struct DropCounts {
  std::uint64_t counts[drop_reason_count] = {};

  std::uint64_t operator[](DropReason reason) const noexcept {
    return counts[static_cast<int>(reason)];
  }
  std::uint64_t& operator[](DropReason reason) noexcept { return counts[static_cast<int>(reason)]; }
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts) sum += count;
    return sum;
  }
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/drop_reason_stubs.h"
#endif

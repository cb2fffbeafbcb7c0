// Delivery state of one route: its batches, back-off and limits. Used by the exporter only; plain
// state with the few operations that keep it consistent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <string>
#include <vector>

#include "exporter/endpoints.h"
#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "storage/record_runs.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Records that travel together. `epoch` is the flusher's: every record of a batch was submitted
// before the flush of that number took its watermark.
struct Batch {
  Route route = Route::spans;
  RecordRuns records;
  std::uint64_t epoch = 0;
  bool is_in_doubt = false;  // an answer did not name some of the records
};

// The outcome of some records of one batch.
struct Settlement {
  Route route = Route::spans;
  std::uint64_t epoch = 0;
  std::uint64_t records = 0;
  std::uint64_t footprint = 0;  // the memory that they took, in the queue's bytes
  bool is_delivered = false;
  DropReason reason = DropReason::rejected;  // when not delivered
  // Of the request that settled them; 0: none did.
  int status = 0;
  std::size_t sent_bytes = 0;
  std::chrono::nanoseconds duration{0};
};

// The result of the last request on a route, if it delivered nothing.
enum class Trouble : std::uint8_t {
  none,
  nobody,   // the host name was not resolved, or the connection was refused
  silent,   // no answer, for any other reason
  unready,  // an answer that may change by itself: 5xx, 429
  refused,  // an answer that only a person can change: keys, address
};

// What the next request of a route waits for.
enum class Pause : std::uint8_t {
  back_off,  // a time of our own choice
  hold,      // a correction of the address or the server; a flush tries once before
  fixed,     // a time that the server named, or that refused keys need
};

// The settlement of `records`, which belong or belonged to `batch`. The caller frees them.
Settlement delivered(const Batch& batch, const RecordRuns& records) noexcept;
Settlement dropped(const Batch& batch, const RecordRuns& records, DropReason reason) noexcept;

// Appends a settlement. Without memory for it, its numbers are added to one with the same outcome.
// REQUIRES: `settled` has room for the first of each outcome.
void add_settlement(std::vector<Settlement>& settled, const Settlement& settlement) noexcept;

struct Lane {
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  explicit Lane(Route lane_route)
      : route(lane_route),
        endpoint(lane_route == Route::spans ? Endpoint::traces : Endpoint::ingestion) {}

  // The number of records in all batches.
  std::uint64_t waiting() const noexcept;

  // The number of records in batches with an epoch of at most `epoch`.
  std::uint64_t waiting(std::uint64_t epoch) const noexcept;

  // When the first batch is due, if a flush waits until `waited_until`. A back-off of our own is
  // then shortened so that a last try comes in time. Where the server is not found, it is shortened
  // to a second, so that a server that starts is not missed.
  SteadyTime next_try(SteadyTime waited_until) const noexcept;

  // True the first time since the last delivery that `what` is reported.
  bool is_news(int what);

  // Drop batches.
  void drop_first(DropReason reason, std::vector<Settlement>& settled) noexcept;
  void drop_all(DropReason reason, std::vector<Settlement>& settled) noexcept;

  // Splits the first batch in two: as many records as fit into `limit` bytes, at least one, and the
  // rest. Throws only for lack of memory; nothing is changed then. REQUIRES: it has more than one
  // record and more than `limit` bytes.
  void cut_first(std::size_t limit);

  // Frees the memory of bodies, if no request was made since the last call.
  void trim() noexcept;
  // Frees it. REQUIRES: no request is in flight.
  void free_bodies() noexcept;

  // Cuts the texts of the first batch's only record to half its size. Returns how many were cut; 0
  // when there is nothing to cut.
  std::size_t cut_only_record();

  const Route route;
  Endpoint endpoint;         // where the next request goes
  std::list<Batch> batches;  // the first one is in flight, or next
  bool is_in_flight = false;
  bool is_off = false;     // no server accepts this route's records: they are dropped
  std::string body;        // reused
  std::string compressed;  // reused
  bool has_sent = false;   // since the last `trim`
  std::size_t sent_bytes = 0;
  std::uint64_t answers = 0;  // requests that were answered or failed

  SteadyTime not_before = SteadyTime::min();
  Pause pause = Pause::back_off;
  Trouble trouble = Trouble::none;
  SteadyTime failed_at = SteadyTime::min();  // when the trouble was last met
  int failures = 0;
  int successes_in_row = 0;
  int holds_in_row = 0;
  std::string warning;    // the server's, about records it accepted; the last one reported
  std::vector<int> said;  // statuses reported since the last delivery; 0: back-off

  // Largest body, in record bytes, that the path to the server accepts; learned from 413.
  std::size_t body_limit = no_limit;
  int deliveries_within_limit = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

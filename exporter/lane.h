// One route's batches on their way, and how it goes with them. The exporter's own; plain state with
// the few operations that keep it whole.
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
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Records that travel together. `epoch` is the flusher's: every record of a batch was submitted
// before the flush of that number took its watermark.
struct Batch {
  Route route = Route::spans;
  std::vector<RecordPtr> records;
  std::size_t bytes = 0;  // sum of the records' sizes
  std::uint64_t epoch = 0;
  bool is_in_doubt = false;  // an answer did not say what became of some of the records
};

// What became of some records of one batch.
struct Settlement {
  Route route = Route::spans;
  std::uint64_t epoch = 0;
  std::uint64_t records = 0;
  std::uint64_t footprint = 0;  // memory that was given back, in the queue's bytes
  bool is_delivered = false;
  DropReason reason = DropReason::rejected;  // when not delivered
  // Of the request that settled them; 0 where none did.
  int status = 0;
  std::size_t sent_bytes = 0;
  std::chrono::nanoseconds duration{0};
};

// What the last answer on a route was, if it was no delivery.
enum class Trouble : std::uint8_t {
  none,
  nobody,   // the name is unknown, or nobody takes connections there
  silent,   // no answer, for any other reason
  unready,  // an answer that promises better ones: 5xx, 429
  refused,  // an answer that only a person can change: keys, address
};

// What the next try of a route waits for.
enum class Pause : std::uint8_t {
  back_off,  // a time of our own choice
  hold,      // that somebody sets the address or the server right: a flush tries once
  fixed,     // a time that the server named, or that refused keys need
};

// The sum of the records' sizes.
std::size_t size_of(const std::vector<RecordPtr>& records) noexcept;

// The settlement of `records`, which belong to `batch`, or did; they are the caller's to free.
Settlement delivered(const Batch& batch, const std::vector<RecordPtr>& records) noexcept;
Settlement dropped(const Batch& batch, const std::vector<RecordPtr>& records,
                   DropReason reason) noexcept;

// Appends what became of some records; where there is no memory for another settlement, it is added
// to one of the same fate. REQUIRES: `settled` has room for the first of each fate.
void add_settlement(std::vector<Settlement>& settled, const Settlement& settlement) noexcept;

struct Lane {
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  explicit Lane(Route lane_route)
      : route(lane_route),
        endpoint(lane_route == Route::spans ? Endpoint::traces : Endpoint::ingestion) {}

  // Records in all batches.
  std::uint64_t waiting() const noexcept;

  // Records in batches with an epoch of at most `epoch`.
  std::uint64_t waiting(std::uint64_t epoch) const noexcept;

  // When the first batch is due, for whoever waits until `waited_until`: a back-off of our own is
  // shortened so that a last try comes in time, and to a second where nobody is found, so that a
  // server that starts is not missed.
  SteadyTime next_try(SteadyTime waited_until) const noexcept;

  // The first time since the last delivery that this is said?
  bool is_news(int what);

  // Gives up batches.
  void drop_first(DropReason reason, std::vector<Settlement>& settled) noexcept;
  void drop_all(DropReason reason, std::vector<Settlement>& settled) noexcept;

  // Makes two batches of the first one: as many records as `limit` bytes hold, at least one, and
  // the rest behind them. Throws for lack of memory, and has changed nothing then. REQUIRES: it has
  // more than one record and more than `limit` bytes.
  void cut_first(std::size_t limit);

  // Cuts the texts of the first batch's only record, so that it is half as large. Returns how many
  // were cut; 0 when there is nothing to cut.
  std::size_t cut_only_record();

  const Route route;
  Endpoint endpoint;         // where the next request goes
  std::list<Batch> batches;  // the first one is in flight, or next
  bool is_in_flight = false;
  bool is_off = false;     // nobody takes this route's records: they are dropped
  std::string body;        // reused
  std::string compressed;  // reused
  std::size_t sent_bytes = 0;
  std::uint64_t answers = 0;  // requests that were answered or failed

  SteadyTime not_before = SteadyTime::min();
  Pause pause = Pause::back_off;
  Trouble trouble = Trouble::none;
  SteadyTime failed_at = SteadyTime::min();  // when the trouble was last met
  int failures = 0;
  int successes_in_row = 0;
  int holds_in_row = 0;
  std::string warning;    // of the server, on what it took; the last one that was said
  std::vector<int> said;  // what was reported since the last delivery, by status; 0: back-off

  // What the way to the server takes in one body, in bytes of records, as learned from a 413.
  std::size_t body_limit = no_limit;
  int deliveries_within_limit = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// What is counted of records on the application's side of the queue, for `Stats`.
//
// A record that is counted as dropped here was submitted: it is part of `Stats::submitted`.
// What the sampling and the limits of a sink keep back is counted apart, and was never submitted.
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A number that several threads change.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  // REQUIRES: what is taken off was added before.
  void subtract(std::uint64_t count) noexcept {
    value_.fetch_sub(count, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Records that are lost, by reason.
class DropCounters {
 public:
  void add(DropReason reason) noexcept { counters_[static_cast<int>(reason)].add(); }
  DropCounts counts() const noexcept {
    DropCounts result;
    for (int i = 0; i < drop_reason_count; ++i) result.counts[i] = counters_[i].value();
    return result;
  }

 private:
  Counter counters_[drop_reason_count];
};

// The counters of one client. They change all the time, so they share no cache line with what is
// read all the time.
struct alignas(64) Counters {
  // Submitted, and lost before they were queued: they could not be made, or the queue refused them.
  DropCounters dropped;

  Counter sampled_out;   // records outside the sample
  Counter rate_limited;  // log lines beyond their sink's limits
  Counter held;          // records that wait in front of the queue for an error in their trace

  Counter cut_texts;        // texts that were too long, or whose record was
  Counter lost_values;      // values of observations for which there was no memory
  Counter ignored_updates;  // values for the current observation where there was none
};

// Observations that have begun and not ended, in the whole process.
void count_open_observation(int change) noexcept;
std::uint64_t open_observations() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

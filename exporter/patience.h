// How long somebody who waits for records has reason to wait, and whether there is any hope left.
//
// Plain data and one pure function of a route's state; used by the exporter, made by the flusher.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "exporter/lane.h"
#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What stands in the way of each route, and how many of its requests were answered or failed.
using Troubles = std::array<Trouble, route_count>;
using Answers = std::array<std::uint64_t, route_count>;

// Of one flush; times by the exporter's clock.
struct Patience {
  SteadyTime began = SteadyTime::min();
  SteadyTime until = SteadyTime::max();  // nothing is waited for beyond
  // The same as long as no request of this process was ever answered, and nobody is found at the
  // address: not later than `until`.
  SteadyTime until_without_server = SteadyTime::max();
  // At the end of the process: where a flush failed before, nothing is waited for that still has
  // the same trouble, except for the answer to one more try, and for that not long.
  bool is_last = false;
  Troubles failed_before{};
  Answers answers_before{};  // when it began
};

// Whether what the route has cannot be delivered in the time that is left. `trouble`: the route's
// at this moment. `has_reached_a_server`: any request of this process was ever answered.
bool is_in_vain(const Lane& lane, Trouble trouble, const Patience& patience, SteadyTime now,
                bool has_reached_a_server) noexcept;

// When the answer to that may next change by the passing of time alone; `SteadyTime::max()` when
// never.
SteadyTime next_review(const Patience& patience, SteadyTime now) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

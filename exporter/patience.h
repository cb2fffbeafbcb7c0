// How long a flush waits for records, and whether it still makes sense.
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

// The trouble of each route, and the number of its requests that were answered or failed.
using Troubles = std::array<Trouble, route_count>;
using Answers = std::array<std::uint64_t, route_count>;

// Of one flush; times by the exporter's clock.
struct Patience {
  SteadyTime began = SteadyTime::min();
  SteadyTime until = SteadyTime::max();  // the latest end
  // The latest end while no request of this process was ever answered and no server is found at the
  // address. Not later than `until`.
  SteadyTime until_without_server = SteadyTime::max();
  // At the end of the process. A route whose trouble is that of an earlier failed flush is then
  // given only one more try, and not long for its answer.
  bool is_last = false;
  Troubles failed_before{};
  Answers answers_before{};  // when it began
};

// True if the route's records cannot be delivered in the time that is left. `trouble`: the route's
// at this moment. `has_reached_a_server`: any request of this process was ever answered.
bool is_in_vain(const Lane& lane, Trouble trouble, const Patience& patience, SteadyTime now,
                bool has_reached_a_server) noexcept;

// When the result of `is_in_vain` may next change by the passing of time alone;
// `SteadyTime::max()`: never.
SteadyTime next_review(const Patience& patience, SteadyTime now) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

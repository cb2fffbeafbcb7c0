// The part of an observation that a frame of the context needs: whether it is still open.
#pragma once

#include <atomic>
#include <cstdint>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Any thread may read this part of an observation's state at any time, because a state is never
// freed, only reused.
struct ObservationLife {
  // Changes when the observation ends, and never to a value it had before.
  std::atomic<std::uint64_t> generation{1};
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

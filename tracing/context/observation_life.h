// What a frame of the context needs of an observation: whether it is still open.
#pragma once

#include <atomic>
#include <cstdint>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The part of an observation's state that any thread may look at, at any time: a state is never
// freed, only used again.
struct ObservationLife {
  // Changes when the observation ends, and never to a value it had before.
  std::atomic<std::uint64_t> generation{1};
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Connects an `Observation` and its state, for the files of this room.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/tracing/observe.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {

struct ObservationAccess {
  static Observation make(internal::ObservationState* state) noexcept { return Observation(state); }
  static internal::ObservationState* state(const Observation& observation) noexcept {
    return observation.state_;
  }
};

namespace internal {

class Client;

// Begins an observation: below `parent` if that is valid, otherwise as a root of `parent`'s trace,
// or of a new one. `start_unix_nano`: 0 means now. `is_current`: whether it becomes the current one
// of the calling thread.
Observation begin(Client& client, std::string_view name, ObservationType type,
                  const BorrowedContext& parent, std::int64_t start_unix_nano = 0,
                  bool is_current = true) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

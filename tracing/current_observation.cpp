#include "langfuse/tracing/current_observation.h"

#include "pipeline/client.h"
#include "tracing/context/thread_context.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {

CurrentObservation current_observation() noexcept {
  CurrentObservation current;
  if (const internal::ContextFrame* const frame = internal::current_observation_frame()) {
    current.state_ = state_of(*frame);
    current.generation_ = frame->generation;
  }
  return current;
}

CurrentObservation::operator bool() const noexcept {
  return state_ != nullptr && state_->generation.load(std::memory_order_relaxed) == generation_;
}

internal::ObservationState* CurrentObservation::state_or_count() const noexcept {
  if (*this) return state_;
  if (internal::Client* const client = internal::Client::current())
    client->counters().ignored_updates.add();
  return nullptr;
}

}  // namespace v0_1
}  // namespace langfuse

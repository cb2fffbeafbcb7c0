// The current observation, for code that has no handle on it.
//
//   langfuse::current_observation().set_metadata("rows", rows).set_level(langfuse::Level::warning);
//
// It is meant for functions deep inside a step. Code that opens an observation uses its handle.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/export.h"
#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// A view of the observation that was current when `current_observation()` was called. It has the
// setters of `Observation`, and cannot end it. It converts to false when there is no observation:
// - no observation is open on this thread;
// - the current context is that of an observation that another thread or process opened;
// - the observation has ended.
//
// A setter then does nothing, and `Stats::ignored_updates` counts it.
//
// Use it on the thread that called `current_observation()`. REQUIRES: no other thread uses the
// observation meanwhile, for instance because its handle was moved there.
class CurrentObservation {
 public:
  LANGFUSE_API explicit operator bool() const noexcept;

  LANGFUSE_LOCAL CurrentObservation& set_input(internal::Value value) noexcept {
    return set([&](Observation& current) { current.set_input(value); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_output(internal::Value value) noexcept {
    return set([&](Observation& current) { current.set_output(value); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_metadata(std::string_view key,
                                                  internal::Value value) noexcept {
    return set([&](Observation& current) { current.set_metadata(key, value); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_name(std::string_view name) noexcept {
    return set([&](Observation& current) { current.set_name(name); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_type(ObservationType type) noexcept {
    return set([&](Observation& current) { current.set_type(type); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_level(Level level) noexcept {
    return set([&](Observation& current) { current.set_level(level); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_status_message(std::string_view message) noexcept {
    return set([&](Observation& current) { current.set_status_message(message); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_version(std::string_view version) noexcept {
    return set([&](Observation& current) { current.set_version(version); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_model(std::string_view model) noexcept {
    return set([&](Observation& current) { current.set_model(model); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_model_parameter(std::string_view name,
                                                         internal::Value value) noexcept {
    return set([&](Observation& current) { current.set_model_parameter(name, value); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_usage(std::string_view kind,
                                               internal::TokenCount tokens) noexcept {
    return set([&](Observation& current) { current.set_usage(kind, tokens); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_cost(std::string_view kind,
                                              internal::DollarAmount dollars) noexcept {
    return set([&](Observation& current) { current.set_cost(kind, dollars); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_prompt(std::string_view name,
                                                std::int64_t version) noexcept {
    return set([&](Observation& current) { current.set_prompt(name, version); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_completion_start_time(UnixTime time) noexcept {
    return set([&](Observation& current) { current.set_completion_start_time(time); });
  }
  LANGFUSE_LOCAL CurrentObservation& on_token(std::string_view text) noexcept {
    return set([&](Observation& current) { current.on_token(text); });
  }
  LANGFUSE_LOCAL CurrentObservation& set_trace_as_public() noexcept {
    return set([](Observation& current) { current.set_trace_as_public(); });
  }
  LANGFUSE_LOCAL CurrentObservation& record_exception() noexcept {
    return set([](Observation& current) { current.record_exception(); });
  }

 private:
  friend LANGFUSE_API CurrentObservation current_observation() noexcept;
  CurrentObservation() noexcept = default;
  // Null, and counted, when there is no observation.
  LANGFUSE_API internal::ObservationState* state_or_count() const noexcept;

  template <class Set>
  LANGFUSE_LOCAL CurrentObservation& set(Set set_value) noexcept {
    Observation borrowed(state_or_count());
    set_value(borrowed);
    borrowed.state_ = nullptr;  // given back, not ended
    return *this;
  }

  internal::ObservationState* state_ = nullptr;
  std::uint64_t generation_ = 0;  // of `state_` while it is the same observation
};

// The observation that is current on the calling thread. Any thread. Allocates nothing, except the
// stack of a new fiber (`set_context_storage`).
LANGFUSE_API CurrentObservation current_observation() noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/current_observation_stubs.h"
#endif

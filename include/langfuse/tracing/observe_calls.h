// What the calls of `observe.h` cost where there is nothing to observe: a look at one pointer or
// one number. Nothing is called then.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/client_in_force.h"
#include "langfuse/export.h"
#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

#if !defined(LANGFUSE_DISABLED)
namespace internal {

// The library's side of the setters. All of them: as those of `Observation`, of one that is open.
struct OpenObservation {
  LANGFUSE_API static void set_input(ObservationState& state, const Value& value) noexcept;
  LANGFUSE_API static void set_output(ObservationState& state, const Value& value) noexcept;
  LANGFUSE_API static void set_metadata(ObservationState& state, std::string_view key,
                                        const Value& value) noexcept;
  LANGFUSE_API static void set_name(ObservationState& state, std::string_view name) noexcept;
  LANGFUSE_API static void set_type(ObservationState& state, ObservationType type) noexcept;
  LANGFUSE_API static void set_level(ObservationState& state, Level level) noexcept;
  LANGFUSE_API static void set_status_message(ObservationState& state,
                                              std::string_view message) noexcept;
  LANGFUSE_API static void set_version(ObservationState& state, std::string_view version) noexcept;
  LANGFUSE_API static void set_model(ObservationState& state, std::string_view model) noexcept;
  LANGFUSE_API static void set_model_parameter(ObservationState& state, std::string_view name,
                                               const Value& value) noexcept;
  LANGFUSE_API static void set_usage(ObservationState& state, std::string_view kind,
                                     TokenCount tokens) noexcept;
  LANGFUSE_API static void set_cost(ObservationState& state, std::string_view kind,
                                    DollarAmount dollars) noexcept;
  LANGFUSE_API static void set_prompt(ObservationState& state, std::string_view name,
                                      std::int64_t version) noexcept;
  LANGFUSE_API static void set_completion_start_time(ObservationState& state,
                                                     UnixTime time) noexcept;
  LANGFUSE_API static void set_trace_as_public(ObservationState& state) noexcept;
  LANGFUSE_API static void on_token(ObservationState& state, std::string_view text) noexcept;
};

// The same as `observe` where something is configured.
LANGFUSE_API Observation begin_observation(std::string_view name, ObservationType type) noexcept;
LANGFUSE_API Observation begin_observation(ObservationType type, const char* function,
                                           const char* file, int line) noexcept;

}  // namespace internal

inline Observation& Observation::set_input(internal::Value value) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_input(*state_, value);
  return *this;
}
inline Observation& Observation::set_output(internal::Value value) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_output(*state_, value);
  return *this;
}
inline Observation& Observation::set_metadata(std::string_view key,
                                              internal::Value value) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_metadata(*state_, key, value);
  return *this;
}
inline Observation& Observation::set_name(std::string_view name) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_name(*state_, name);
  return *this;
}
inline Observation& Observation::set_type(ObservationType type) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_type(*state_, type);
  return *this;
}
inline Observation& Observation::set_level(Level level) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_level(*state_, level);
  return *this;
}
inline Observation& Observation::set_status_message(std::string_view message) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_status_message(*state_, message);
  return *this;
}
inline Observation& Observation::set_version(std::string_view version) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_version(*state_, version);
  return *this;
}
inline Observation& Observation::set_model(std::string_view model) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_model(*state_, model);
  return *this;
}
inline Observation& Observation::set_model_parameter(std::string_view name,
                                                     internal::Value value) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_model_parameter(*state_, name, value);
  return *this;
}
inline Observation& Observation::set_usage(std::string_view kind,
                                           internal::TokenCount tokens) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_usage(*state_, kind, tokens);
  return *this;
}
inline Observation& Observation::set_cost(std::string_view kind,
                                          internal::DollarAmount dollars) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_cost(*state_, kind, dollars);
  return *this;
}
inline Observation& Observation::set_prompt(std::string_view name,
                                            std::int64_t version) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_prompt(*state_, name, version);
  return *this;
}
inline Observation& Observation::set_completion_start_time(UnixTime time) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_completion_start_time(*state_, time);
  return *this;
}
inline Observation& Observation::set_trace_as_public() & noexcept {
  if (state_ != nullptr) internal::OpenObservation::set_trace_as_public(*state_);
  return *this;
}
inline Observation& Observation::on_token(std::string_view text) & noexcept {
  if (state_ != nullptr) internal::OpenObservation::on_token(*state_, text);
  return *this;
}

LANGFUSE_INLINE Observation observe(std::string_view name, ObservationType type) noexcept {
  return internal::is_anything_configured() ? internal::begin_observation(name, type)
                                            : Observation();
}

LANGFUSE_INLINE Observation observe(ObservationType type, const char* function, const char* file,
                                    int line) noexcept {
  return internal::is_anything_configured()
             ? internal::begin_observation(type, function, file, line)
             : Observation();
}
#endif

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

// `tracing/current_observation.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/current_observation.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline CurrentObservation::operator bool() const noexcept {
  return false;
}
inline internal::ObservationState* CurrentObservation::state_or_count() const noexcept {
  // clang warns of unused members.
  static_cast<void>(state_);
  static_cast<void>(generation_);
  return nullptr;
}
inline CurrentObservation current_observation() noexcept {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

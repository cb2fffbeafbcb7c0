// `tracing/start_observation.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/start_observation.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline Observation start_observation(std::string_view, const ObservationOptions&) noexcept {
  return {};
}
inline Observation observe(std::string_view, const ObservationOptions&) noexcept {
  return {};
}
inline SpanContext create_event(std::string_view) noexcept {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

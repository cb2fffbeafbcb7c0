// `ids.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/ids.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline TraceId create_trace_id() noexcept {
  return {};
}
inline TraceId create_trace_id(std::string_view) noexcept {
  return {};
}
inline SpanId create_observation_id(std::string_view) noexcept {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

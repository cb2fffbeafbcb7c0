// `tracing/trace_url.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/trace_url.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline std::string trace_url(const TraceId&) {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

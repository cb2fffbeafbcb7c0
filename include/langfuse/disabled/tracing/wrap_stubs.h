// `tracing/wrap.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/wrap.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

namespace internal {

inline bool captures_io() noexcept {
  return false;
}
inline void append_value(JsonText&, const Value&) {}

}  // namespace internal

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

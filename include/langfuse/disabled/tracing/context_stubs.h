// `tracing/context.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

namespace internal {

inline void PropagatedReference::retain(const PropagatedBlock*) noexcept {}
inline void PropagatedReference::release(const PropagatedBlock*) noexcept {}

}  // namespace internal

inline Context current_context() noexcept {
  return {};
}
inline ContextScope::ContextScope(const Context&) noexcept {}
inline ContextScope::ContextScope(const Context&, internal::Alone) noexcept {}
inline ContextScope::~ContextScope() {
  static_cast<void>(frame_);  // clang warns of unused members
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

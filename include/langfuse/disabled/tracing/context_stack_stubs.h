// `tracing/context_stack.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/context_stack.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline ContextStack::~ContextStack() {
  // clang warns of unused members.
  static_cast<void>(stack_);
  static_cast<void>(previous_);
  static_cast<void>(is_entered_);
}
inline void ContextStack::enter() noexcept {}
inline void ContextStack::leave() noexcept {}
inline ContextSlot::~ContextSlot() {}
inline void set_context_storage(ContextStorage) noexcept {}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

// The current context of each thread.
//
// A thread has frames, the newest last: one for each observation it opened and one for each
// `ContextScope`. A frame holds ids, never the observation's values. An observation's frame lives
// while the observation is open, wherever it is ended: the frame remembers the generation of the
// state it belongs to, and the end changes that. The current context is that of the newest living
// frame. Dead frames go when they come to light on top, or before the array would grow.
#pragma once

#include <cstdint>

#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ObservationState;

struct ContextFrame {
  Context context;
  ObservationState* state = nullptr;  // null: the frame of a `ContextScope`
  // Of `state`; or the number of the `ContextScope`, 0 once it has ended.
  std::uint64_t generation = 0;
  std::int64_t start_unix_nano = 0;  // 0: nothing is known
};

// The newest living frame of the calling thread; null when there is none. Valid until the thread
// opens or ends something. Never allocates.
const ContextFrame* current_frame() noexcept;

// Makes `frame` the newest. False, and nothing changed, when there was no memory, or the thread is
// ending and its room used up.
bool push_frame(const ContextFrame& frame) noexcept;

// The same for a `ContextScope`: returns the number by which it is popped again, never 0; or 0 when
// it failed.
std::uint32_t push_scope_frame(const Context& context) noexcept;
void pop_scope_frame(std::uint32_t number) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

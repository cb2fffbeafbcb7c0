// The current context of each thread.
//
// A thread has a stack of frames, the newest last: one for each observation it opened, and one for
// each scope that sets a context or attributes. A frame holds ids, not the observation's values,
// and owns one reference to the attributes it propagates.
//
// An observation's frame lives while the observation is open, whichever thread ends it: the frame
// remembers the generation of its observation, which the end changes. The current context is that
// of the newest living frame. Dead frames are removed when they are on top, or before the array
// would grow.
//
// A coroutine or fiber carries its own stack, which replaces the thread's while it runs. All
// functions here use the active stack.
#pragma once

#include <cstdint>

#include "langfuse/tracing/context.h"
#include "langfuse/tracing/context_stack.h"
#include "tracing/context/observation_life.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;
struct PropagatedBlock;

// A `Context` without a reference of its own, valid as long as the one it was taken from.
struct BorrowedContext {
  SpanContext span;
  const PropagatedBlock* propagated = nullptr;
  bool is_sampled = true;
  bool is_undecided = false;
  bool is_remote = false;
  bool has_app_root = false;

  BorrowedContext() noexcept = default;
  BorrowedContext(const Context& context) noexcept
      : span(context.span),
        propagated(context.propagated.get()),
        is_sampled(context.is_sampled),
        is_undecided(context.is_undecided),
        is_remote(context.is_remote),
        has_app_root(context.has_app_root) {}
  bool is_valid() const noexcept { return span.is_valid(); }
};

struct ContextFrame {
  BorrowedContext context;
  ObservationLife* life = nullptr;  // null: the frame of a scope
  const Client* client = nullptr;   // of `life`
  // The generation of `life`; for a scope, its number, 0 once it has ended.
  std::uint64_t generation = 0;
  std::int64_t start_unix_nano = 0;  // 0: not known
};

// The newest living frame; null when there is none. Valid until the thread opens or ends something.
// Allocates only the stack of a fiber that has none yet.
const ContextFrame* current_frame() noexcept;
// The context of that frame, where it lies, as long; an invalid one when there is none.
inline const BorrowedContext& borrowed_current_context() noexcept {
  static constexpr BorrowedContext none;
  const ContextFrame* const frame = current_frame();
  return frame == nullptr ? none : frame->context;
}

// The frame of the observation that is current. It is below the newest frame where scopes only
// propagate attributes, or lead back to that observation. Null when
// - no observation is current;
// - it was not opened in this stack;
// - its client is not the one in force: a forked child does not send its parent's observations.
const ContextFrame* current_observation_frame() noexcept;

// True in a forked child if an observation of the trace, opened in this stack, is its parent's.
bool is_open_in_parent(const TraceId& trace_id) noexcept;

// True if a living frame of this stack propagates `block`.
bool is_propagated_here(const PropagatedBlock* block) noexcept;

// Makes `frame` the newest, with a reference of its own to the attributes it propagates. False, and
// nothing is changed, when there is no memory, or the thread is ending and its room is used up.
bool push_frame(const ContextFrame& frame) noexcept;

// Makes a scope's frame the newest. Returns the number by which it is popped, which is unique; 0
// when `push_frame` would fail. A number that the stack does not have pops nothing: its scope
// belongs to a coroutine that was destroyed while suspended.
std::uint64_t push_scope_frame(const BorrowedContext& context) noexcept;
void pop_scope_frame(std::uint64_t number) noexcept;

// Adds `added` to the attributes of the trace's living frames on this stack. Without memory, some
// of them stay unchanged.
void propagate_in_trace(const TraceId& trace_id, const PropagatedBlock& added) noexcept;

// A new stack with one reference, and `base` at its bottom for good. Null when there is no memory.
FrameStack* make_stack(const BorrowedContext& base) noexcept;
// Both do nothing for null.
void retain(FrameStack* stack) noexcept;
void release(FrameStack* stack) noexcept;

// The stack that this thread, or its fiber, has entered; null: none, so its own is active.
FrameStack* entered_stack() noexcept;
// Enters `stack` (null: none) and returns the one entered before. Each pointer carries ownership of
// one reference.
FrameStack* exchange_entered_stack(FrameStack* stack) noexcept;

// Gives back the owner's reference. A thread that has still entered the stack returns to its own.
void close(FrameStack* stack) noexcept;

void store_context_storage(ContextStorage storage) noexcept;
// True if the context of a thread may change without a call of the library, because its fiber may.
bool has_context_storage() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

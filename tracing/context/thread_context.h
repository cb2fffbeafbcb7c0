// The current context of each thread.
//
// A thread has frames, the newest last: one for each observation it opened and one for each scope
// that sets a context or attributes. A frame holds ids, never the observation's values, and one
// count of the attributes it propagates. An observation's frame lives while the observation is
// open, wherever it is ended: the frame remembers the generation of the observation it belongs to,
// and the end changes that. The current context is that of the newest living frame. Dead frames go
// when they come to light on top, or before the array would grow.
//
// The frames make a stack, and each thread has one of its own. Whatever moves between threads (a
// coroutine, a fiber) has its own stack, too, and the thread that runs it stands in that for as
// long: everything here works on the stack that the calling thread stands in.
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

// A `Context` that counts no reference: it lives as long as what it was taken from.
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
  // Of `life`; or the number of the scope, 0 once it has ended.
  std::uint64_t generation = 0;
  std::int64_t start_unix_nano = 0;  // 0: nothing is known
};

// The newest living frame; null when there is none. Valid until the thread opens or ends something.
// Allocates only the stack of a fiber that has none yet.
const ContextFrame* current_frame() noexcept;
// Its context, which lives as long.
inline BorrowedContext borrowed_current_context() noexcept {
  const ContextFrame* const frame = current_frame();
  return frame == nullptr ? BorrowedContext() : frame->context;
}

// The frame of the observation that the current context is in; null when there is none, it was not
// opened in this stack, or its client is not the one in force: nobody here sends what belongs to
// the parent of a fork. Lies below the newest where scopes only propagate attributes, or lead back
// to it.
const ContextFrame* current_observation_frame() noexcept;

// Whether a living frame of this stack propagates `block`.
bool is_propagated_here(const PropagatedBlock* block) noexcept;

// Makes `frame` the newest, and counts what it propagates. False, and nothing changed, when there
// was no memory, or the thread is ending and its room used up.
bool push_frame(const ContextFrame& frame) noexcept;

// The same for a scope: returns the number by which it is popped again, never 0 and never given
// twice; or 0 when it failed. A number that the stack does not have pops nothing: the scope belongs
// to a coroutine that was destroyed while it was suspended.
std::uint64_t push_scope_frame(const BorrowedContext& context) noexcept;
void pop_scope_frame(std::uint64_t number) noexcept;

// Adds to what the living frames of the trace propagate, on this stack. Without memory, some of
// them stay as they are.
void propagate_in_trace(const TraceId& trace_id, const PropagatedBlock& added) noexcept;

// A new stack with a count of one, and `base` at its bottom for good. Null when there is no memory.
FrameStack* make_stack(const BorrowedContext& base) noexcept;
void retain(FrameStack* stack) noexcept;   // null: nothing to do
void release(FrameStack* stack) noexcept;  // the same

// The stack that this thread, or its fiber, stands in; null: its own.
FrameStack* entered_stack() noexcept;
// Makes `stack` that one, and returns the one before. Counts change hands with the pointers.
FrameStack* exchange_entered_stack(FrameStack* stack) noexcept;

// Gives the owner's count back. A thread that still stands in it goes back to its own stack.
void close(FrameStack* stack) noexcept;

void store_context_storage(ContextStorage storage) noexcept;
// Whether the context of a thread may change without the library's knowing: with its fiber.
bool has_context_storage() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

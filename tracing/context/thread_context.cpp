#include "tracing/context/thread_context.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "pipeline/client.h"
#include "tracing/context/context_recording.h"
#include "tracing/context/propagated_block.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
// Trivially destructible: destructors of other thread-locals may still open observations after the
// guard below is gone.
struct FrameStack {
  static constexpr std::uint32_t inline_capacity = 8;

  ContextFrame inline_frames[inline_capacity];
  ContextFrame* grown = nullptr;  // null: `inline_frames` suffice
  std::uint32_t capacity = inline_capacity;
  std::uint32_t size = 0;

  // Of a stack that is not a thread's own, which nobody counts.
  std::atomic<std::uint32_t> references{1};
  std::atomic<bool> is_closed{false};  // publishes nothing: who reads it only turns away
  bool is_threads_own = false;
  bool is_ending = false;  // the thread, and this is its own

  ContextFrame* frames() noexcept { return grown != nullptr ? grown : inline_frames; }
};
static_assert(std::is_trivially_destructible<FrameStack>::value);

namespace {

struct ThreadContext {
  FrameStack own;
  FrameStack* entered = nullptr;  // null: `own`
  std::uint64_t last_scope_number = 0;

  constexpr ThreadContext() noexcept { own.is_threads_own = true; }
};
static_assert(std::is_trivially_destructible<ThreadContext>::value);

thread_local ThreadContext thread_context;

std::atomic<ContextStorage> context_storage{nullptr};

void forget_attributes(ContextFrame& frame) noexcept {
  release(frame.context.propagated);
  frame.context.propagated = nullptr;
}

// Gives back what the thread holds when it ends.
struct ContextGuard {
  ~ContextGuard() {
    release(std::exchange(thread_context.entered, nullptr));
    FrameStack& own = thread_context.own;
    own.is_ending = true;
    // Destructors that run later may still stand in them, without the attributes.
    for (std::uint32_t i = 0; i < own.size; ++i) forget_attributes(own.frames()[i]);
    if (own.grown == nullptr) return;
    const std::uint32_t kept = std::min(own.size, FrameStack::inline_capacity);
    std::copy_n(own.grown + (own.size - kept), kept, own.inline_frames);
    std::free(own.grown);
    own.grown = nullptr;
    own.capacity = FrameStack::inline_capacity;
    own.size = kept;
  }
};

void guard_thread_context() noexcept {
  thread_local ContextGuard guard;
  static_cast<void>(guard);
}

// Where it is written which stack the running code stands in; null: in the thread.
FrameStack** fiber_slot() noexcept {
  const ContextStorage storage = context_storage.load(std::memory_order_relaxed);
  if (storage == nullptr) return nullptr;
  ContextSlot* const slot = storage();
  return slot == nullptr ? nullptr : SlotAccess::stack(*slot);
}

// The same as `stack_here` where that may be another than the thread's own.
FrameStack* entered_stack_here() noexcept {
  FrameStack** const fiber = fiber_slot();
  FrameStack** const slot = fiber != nullptr ? fiber : &thread_context.entered;
  if (*slot != nullptr) {
    if (!(*slot)->is_closed.load(std::memory_order_relaxed)) return *slot;
    release(std::exchange(*slot, nullptr));
    note_context_change();
  }
  if (fiber == nullptr) return &thread_context.own;
  *fiber = make_stack(BorrowedContext());
  return *fiber;
}

// The stack that the running code stands in. Null only in a fiber, without memory for its own.
FrameStack* stack_here() noexcept {
  if (thread_context.entered == nullptr &&
      context_storage.load(std::memory_order_relaxed) == nullptr) {
    return &thread_context.own;
  }
  return entered_stack_here();
}

bool is_alive(const ContextFrame& frame) noexcept {
  if (frame.life == nullptr) return frame.generation != 0;
  return frame.life->generation.load(std::memory_order_relaxed) == frame.generation;
}

// The newest living frame; null when there is none. Drops the dead ones above it.
ContextFrame* living_top(FrameStack& stack) noexcept {
  ContextFrame* const frames = stack.frames();
  for (; stack.size > 0; --stack.size) {
    ContextFrame& top = frames[stack.size - 1];
    if (is_alive(top)) return &top;
    forget_attributes(top);
  }
  return nullptr;
}

bool make_room(FrameStack& stack) noexcept {
  ContextFrame* const frames = stack.frames();
  std::uint32_t living = 0;
  for (std::uint32_t i = 0; i < stack.size; ++i) {
    if (is_alive(frames[i])) {
      frames[living++] = frames[i];
    } else {
      forget_attributes(frames[i]);
    }
  }
  stack.size = living;
  // Half of it must be free again, or a thread with many open observations would search at each.
  if (stack.size <= stack.capacity / 2) return true;
  if (stack.is_ending) return stack.size < stack.capacity;

  const std::uint32_t capacity = 2 * stack.capacity;
  auto* const grown = static_cast<ContextFrame*>(std::malloc(capacity * sizeof(ContextFrame)));
  if (grown == nullptr) return stack.size < stack.capacity;
  std::uninitialized_copy_n(frames, stack.size, grown);
  std::free(stack.grown);
  stack.grown = grown;
  stack.capacity = capacity;
  if (stack.is_threads_own) guard_thread_context();
  return true;
}

// Whoever opens something has looked at the top, and dropped what was dead there.
bool push(FrameStack& stack, const ContextFrame& frame) noexcept {
  if (stack.size == stack.capacity && !make_room(stack)) return false;
  ContextFrame& pushed = stack.frames()[stack.size++];
  pushed = frame;
  if (pushed.context.propagated != nullptr) {
    // Nobody is left to give it back once the guard is gone.
    if (stack.is_ending) {
      pushed.context.propagated = nullptr;
    } else {
      retain(pushed.context.propagated);
      if (stack.is_threads_own) guard_thread_context();
    }
  }
  return true;
}

// Unique in the process, because a scope moves to other threads with its coroutine: each thread
// takes them from blocks of its own, of 2^32 - 1.
std::uint64_t next_scope_number() noexcept {
  static std::atomic<std::uint64_t> blocks{0};
  std::uint64_t& last = thread_context.last_scope_number;
  if (last << 32 == 0) last = blocks.fetch_add(1, std::memory_order_relaxed) << 32;
  return ++last;
}

}  // namespace

const ContextFrame* current_frame() noexcept {
  FrameStack* const stack = stack_here();
  return stack == nullptr ? nullptr : living_top(*stack);
}

const ContextFrame* current_observation_frame() noexcept {
  const ContextFrame* const newest = current_frame();
  if (newest == nullptr) return nullptr;
  FrameStack* const stack = stack_here();
  for (std::uint32_t i = stack->size; i > 0; --i) {
    const ContextFrame& frame = stack->frames()[i - 1];
    if (!is_alive(frame)) continue;
    if (frame.life != nullptr && frame.context.span == newest->context.span) {
      return frame.client == Client::current_or_null() ? &frame : nullptr;
    }
  }
  return nullptr;
}

bool is_open_in_parent(const TraceId& trace_id) noexcept {
  FrameStack* const stack = stack_here();
  if (stack == nullptr) return false;
  const ContextFrame* const frames = stack->frames();
  return std::any_of(frames, frames + stack->size, [&trace_id](const ContextFrame& frame) {
    return frame.life != nullptr && frame.context.span.trace_id == trace_id && is_alive(frame) &&
           frame.client->is_parents();
  });
}

bool is_propagated_here(const PropagatedBlock* block) noexcept {
  FrameStack* const stack = stack_here();
  if (stack == nullptr) return false;
  const ContextFrame* const frames = stack->frames();
  return std::any_of(frames, frames + stack->size, [block](const ContextFrame& frame) {
    return is_alive(frame) && frame.context.propagated == block;
  });
}

bool push_frame(const ContextFrame& frame) noexcept {
  FrameStack* const stack = stack_here();
  if (stack == nullptr || !push(*stack, frame)) return false;
  note_context_change();
  return true;
}

std::uint64_t push_scope_frame(const BorrowedContext& context) noexcept {
  ContextFrame frame;
  frame.context = context;
  frame.generation = next_scope_number();
  return push_frame(frame) ? frame.generation : 0;
}

void pop_scope_frame(std::uint64_t number) noexcept {
  FrameStack* const stack = stack_here();
  if (stack == nullptr) return;
  ContextFrame* const frames = stack->frames();
  for (std::uint32_t i = stack->size; i > 0; --i) {
    ContextFrame& frame = frames[i - 1];
    if (frame.life == nullptr && frame.generation == number) {
      frame.generation = 0;
      forget_attributes(frame);
      note_context_change();
      return;
    }
  }
}

void propagate_in_trace(const TraceId& trace_id, const PropagatedBlock& added) noexcept {
  FrameStack* const stack = stack_here();
  if (stack == nullptr || stack->is_ending) return;
  for (std::uint32_t i = 0; i < stack->size; ++i) {
    ContextFrame& frame = stack->frames()[i];
    if (!is_alive(frame) || frame.context.span.trace_id != trace_id) continue;
    const PropagatedBlock* const block = merged(frame.context.propagated, added, false);
    if (block != nullptr) release(std::exchange(frame.context.propagated, block));
  }
  if (stack->is_threads_own) guard_thread_context();
  note_context_change();
}

FrameStack* make_stack(const BorrowedContext& base) noexcept {
  auto* const stack = new (std::nothrow) FrameStack;
  if (stack == nullptr) return nullptr;
  ContextFrame frame;
  frame.context = base;
  frame.generation = next_scope_number();
  push(*stack, frame);
  return stack;
}

void retain(FrameStack* stack) noexcept {
  if (stack != nullptr) stack->references.fetch_add(1, std::memory_order_relaxed);
}

void release(FrameStack* stack) noexcept {
  if (stack == nullptr || stack->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (std::uint32_t i = 0; i < stack->size; ++i) forget_attributes(stack->frames()[i]);
  std::free(stack->grown);
  delete stack;
}

FrameStack* entered_stack() noexcept {
  FrameStack** const fiber = fiber_slot();
  return fiber != nullptr ? *fiber : thread_context.entered;
}

FrameStack* exchange_entered_stack(FrameStack* stack) noexcept {
  FrameStack** const fiber = fiber_slot();
  if (fiber != nullptr) return std::exchange(*fiber, stack);
  if (stack != nullptr) guard_thread_context();
  FrameStack* const left = std::exchange(thread_context.entered, stack);
  note_context_change();
  return left;
}

void close(FrameStack* stack) noexcept {
  if (stack == nullptr) return;
  stack->is_closed.store(true, std::memory_order_relaxed);
  release(stack);
}

bool has_context_storage() noexcept {
  return context_storage.load(std::memory_order_relaxed) != nullptr;
}

void store_context_storage(ContextStorage storage) noexcept {
  context_storage.store(storage, std::memory_order_relaxed);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

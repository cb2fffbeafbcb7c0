#include "tracing/thread_context.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "tracing/context_history.h"
#include "tracing/observation_state.h"
#include "tracing/propagated_block.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::uint32_t inline_capacity = 8;

// Frames of one thread. Trivially destructible: destructors of other thread-locals may still open
// observations after the guard below is gone.
struct ThreadFrames {
  ContextFrame inline_frames[inline_capacity];
  ContextFrame* grown = nullptr;  // null: `inline_frames` suffice
  std::uint32_t capacity = inline_capacity;
  std::uint32_t size = 0;
  std::uint32_t last_scope_number = 0;
  bool is_ending = false;

  ContextFrame* frames() noexcept { return grown != nullptr ? grown : inline_frames; }
};
static_assert(std::is_trivially_destructible<ThreadFrames>::value);

thread_local ThreadFrames thread_frames;

void forget_attributes(ContextFrame& frame) noexcept {
  release(frame.context.propagated);
  frame.context.propagated = nullptr;
}

// Gives back what the frames hold when the thread ends.
struct Guard {
  ~Guard() {
    ThreadFrames& own = thread_frames;
    own.is_ending = true;
    // Destructors that run later may still stand in them, without the attributes.
    for (std::uint32_t i = 0; i < own.size; ++i) forget_attributes(own.frames()[i]);
    if (own.grown == nullptr) return;
    const std::uint32_t kept = std::min(own.size, inline_capacity);
    std::copy_n(own.grown + (own.size - kept), kept, own.inline_frames);
    std::free(own.grown);
    own.grown = nullptr;
    own.capacity = inline_capacity;
    own.size = kept;
  }
};

void guard_this_thread() noexcept {
  thread_local Guard guard;
  static_cast<void>(guard);
}

bool is_alive(const ContextFrame& frame) noexcept {
  if (frame.state == nullptr) return frame.generation != 0;
  return frame.state->generation.load(std::memory_order_relaxed) == frame.generation;
}

void drop_dead_top(ThreadFrames& own) noexcept {
  ContextFrame* const frames = own.frames();
  for (; own.size > 0 && !is_alive(frames[own.size - 1]); --own.size) {
    forget_attributes(frames[own.size - 1]);
  }
}

bool make_room(ThreadFrames& own) noexcept {
  ContextFrame* const frames = own.frames();
  const ContextFrame* const end =
      std::remove_if(frames, frames + own.size, [](ContextFrame& frame) {
        if (is_alive(frame)) return false;
        forget_attributes(frame);
        return true;
      });
  own.size = static_cast<std::uint32_t>(end - frames);
  // Half of it must be free again, or a thread with many open observations would search at each.
  if (own.size <= own.capacity / 2) return true;
  if (own.is_ending) return own.size < own.capacity;

  const std::uint32_t capacity = 2 * own.capacity;
  auto* const grown = static_cast<ContextFrame*>(std::malloc(capacity * sizeof(ContextFrame)));
  if (grown == nullptr) return own.size < own.capacity;
  std::uninitialized_copy_n(frames, own.size, grown);
  std::free(own.grown);
  own.grown = grown;
  own.capacity = capacity;
  guard_this_thread();
  return true;
}

}  // namespace

const ContextFrame* current_frame() noexcept {
  ThreadFrames& own = thread_frames;
  drop_dead_top(own);
  return own.size == 0 ? nullptr : own.frames() + own.size - 1;
}

bool push_frame(const ContextFrame& frame) noexcept {
  ThreadFrames& own = thread_frames;
  drop_dead_top(own);
  if (own.size == own.capacity && !make_room(own)) return false;
  ContextFrame& pushed = own.frames()[own.size++];
  pushed = frame;
  if (pushed.context.propagated != nullptr) {
    // Nobody is left to give it back once the guard is gone.
    if (own.is_ending) {
      pushed.context.propagated = nullptr;
    } else {
      retain(pushed.context.propagated);
      guard_this_thread();
    }
  }
  note_context_change();
  return true;
}

std::uint32_t push_scope_frame(const BorrowedContext& context) noexcept {
  std::uint32_t number = ++thread_frames.last_scope_number;
  if (number == 0) number = ++thread_frames.last_scope_number;
  ContextFrame frame;
  frame.context = context;
  frame.generation = number;
  return push_frame(frame) ? number : 0;
}

void pop_scope_frame(std::uint32_t number) noexcept {
  ThreadFrames& own = thread_frames;
  ContextFrame* const frames = own.frames();
  for (std::uint32_t i = own.size; i > 0; --i) {
    ContextFrame& frame = frames[i - 1];
    if (frame.state == nullptr && frame.generation == number) {
      frame.generation = 0;
      forget_attributes(frame);
      note_context_change();
      return;
    }
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Contexts for what is neither a thread nor tied to one: coroutines, handlers of an executor,
// fibers.
//
// What is current (the observations that are open, the scopes that are entered, innermost last) is
// a stack, and each thread has one. Work that moves between threads, or that takes turns with other
// work on one thread, needs a stack of its own, or its observations would stay behind on a thread
// that meanwhile does something else. `langfuse/coroutine.h` and `langfuse/asio.h` are built on
// `ContextStack`; so may be a scheduler of your own. For fibers, whose switches nobody announces,
// there is `set_context_storage`.
#pragma once

#include "langfuse/export.h"
#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

struct FrameStack;
struct SlotAccess;

}  // namespace internal

// A stack that a thread stands in from `enter` to `leave`: what the thread opens in between is
// current in this stack only, and is current again when another thread enters it. One thread at a
// time, and each hands over to the next with the synchronisation that the work needs anyway. Does
// nothing, and allocates nothing, while nothing is configured.
//
//   langfuse::ContextStack stack;     // its work belongs to what is current here and now
//   ...
//   stack.enter();                    // on whichever thread
//   task.run_until_it_waits();
//   stack.leave();                    // before another thread can get hold of the task
class ContextStack {
 public:
  // `base` is what is current as long as nothing was opened in the stack.
  explicit ContextStack(Context base = current_context()) noexcept : base_(std::move(base)) {}
  // Leaves it, if this thread stands in it. Observations that are still open are current nowhere.
  LANGFUSE_API ~ContextStack();
  ContextStack(const ContextStack&) = delete;
  ContextStack& operator=(const ContextStack&) = delete;

  // Does nothing when it was entered already.
  LANGFUSE_API void enter() noexcept;
  // The thread stands again where it stood before. Called on another thread than `enter`, it is too
  // late: that thread keeps what was opened, until this object is gone, and the stack begins anew
  // with `base`; a diagnostic says so.
  LANGFUSE_API void leave() noexcept;

 private:
  Context base_;
  internal::FrameStack* stack_ = nullptr;     // a count; null: not yet entered
  internal::FrameStack* previous_ = nullptr;  // a count, while entered
  bool is_entered_ = false;
};

// The place where a fiber keeps its stack; empty for a new fiber. Destroy it with the fiber, when
// nothing runs in it any more.
class ContextSlot {
 public:
  ContextSlot() noexcept = default;
  LANGFUSE_API ~ContextSlot();
  ContextSlot(const ContextSlot&) = delete;
  ContextSlot& operator=(const ContextSlot&) = delete;

 private:
  friend struct internal::SlotAccess;
  internal::FrameStack* stack_ = nullptr;  // a count
};

// Returns the slot of the fiber that is running; null outside of fibers, where the thread's own
// stack is right. Called each time that a context is looked up, so it should do no more than read a
// fiber-local pointer; it must not observe or log.
using ContextStorage = ContextSlot* (*)() noexcept;

// Gives each fiber its own current context, wherever it runs: for boost::fiber, folly::fibers,
// Seastar threads, or switches by hand. Null: threads only, as without it, at the cost of one
// relaxed load and a branch for each look-up. Set it once, before the first observation.
LANGFUSE_API void set_context_storage(ContextStorage storage) noexcept;

namespace internal {

struct SlotAccess {
  static FrameStack** stack(ContextSlot& slot) noexcept { return &slot.stack_; }
};

}  // namespace internal
}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/context_stack_stubs.h"
#endif

// Contexts for work that changes threads while it runs: coroutines, handlers of an executor,
// fibers.
//
// A thread has a stack of what is current: its open observations and entered scopes, innermost
// last. Work that moves between threads, or takes turns with other work on one thread, needs a
// stack of its own. Otherwise its observations would stay behind on a thread that does something
// else by then. `langfuse/coroutine.h` and `langfuse/asio.h` are built on `ContextStack`, and so
// can your own scheduler be. For fibers, whose switches the library cannot see, there is
// `set_context_storage`.
#pragma once

#include "langfuse/export.h"
#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

struct FrameStack;
struct SlotAccess;

}  // namespace internal

// A stack that a thread uses from `enter` to `leave`. What the thread opens in between is current
// in this stack only, and is current again when any thread enters it. One thread at a time: what
// hands the work to another thread must also order the calls. Does nothing, and allocates nothing,
// while nothing is configured.
//
//   langfuse::ContextStack stack;     // its work belongs to what is current here and now
//   ...
//   stack.enter();                    // on any thread
//   task.run_until_it_waits();
//   stack.leave();                    // before another thread can get hold of the task
class ContextStack {
 public:
  // `base` is current in the stack until something is opened in it.
  explicit ContextStack(Context base = current_context()) noexcept : base_(std::move(base)) {}
  // Leaves the stack if it is entered. Observations that are still open in it are then current
  // nowhere.
  LANGFUSE_API ~ContextStack();
  ContextStack(const ContextStack&) = delete;
  ContextStack& operator=(const ContextStack&) = delete;

  // Makes the calling thread use this stack. Does nothing if a thread has entered the stack
  // already. Without memory for the stack, the thread keeps the one it has.
  LANGFUSE_API void enter() noexcept;
  // Makes the calling thread use again the stack that it used before `enter`. A call on a different
  // thread than `enter` comes too late: what was opened in the stack is then current nowhere, the
  // stack begins anew with `base`, and a debug diagnostic reports it.
  LANGFUSE_API void leave() noexcept;

 private:
  Context base_;
  internal::FrameStack* stack_ = nullptr;     // a count; null: not yet entered
  internal::FrameStack* previous_ = nullptr;  // a count, while entered
  bool is_entered_ = false;
};

// The place where a fiber keeps its stack; empty for a new fiber. Destroy it with the fiber.
// REQUIRES: nothing runs in the fiber any more.
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

// A function that returns the slot of the running fiber; null outside of fibers, where the thread's
// own stack is used. It is called at each look-up of a context, so it should only read a
// fiber-local pointer. It must not observe or log.
using ContextStorage = ContextSlot* (*)() noexcept;

// Gives each fiber its own current context, on any thread: for boost::fiber, folly::fibers, Seastar
// threads, or switches by hand. It costs one relaxed load and a branch for each look-up. Null, the
// default: threads only. Set it once, before the first observation.
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

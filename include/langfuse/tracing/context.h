// The place of the running code in a trace, as a value that can be kept and carried.
//
// Every thread has a current context: that of the newest observation that it opened and that is
// still open. New observations and log lines become its children. A `Context` holds ids, not the
// observation, so it may outlive the observation. For carrying it to another process, and for
// attributes of all observations in a scope, see `propagation.h`. For work that changes threads
// while it runs (coroutines, fibers), see `context_stack.h`.
#pragma once

#include <type_traits>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/ids.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

struct PropagatedBlock;

// A counted reference to the attributes that a context carries; mostly empty. Any thread may copy
// and destroy it.
class PropagatedReference {
 public:
  PropagatedReference() noexcept = default;
  // Takes ownership of one reference.
  explicit PropagatedReference(const PropagatedBlock* block) noexcept : block_(block) {}
  PropagatedReference(const PropagatedReference& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) retain(block_);
  }
  PropagatedReference(PropagatedReference&& other) noexcept : block_(other.block_) {
    other.block_ = nullptr;
  }
  PropagatedReference& operator=(PropagatedReference other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~PropagatedReference() {
    if (block_ != nullptr) release(block_);
  }

  const PropagatedBlock* get() const noexcept { return block_; }

 private:
  LANGFUSE_API static void retain(const PropagatedBlock* block) noexcept;
  LANGFUSE_API static void release(const PropagatedBlock* block) noexcept;

  const PropagatedBlock* block_ = nullptr;
};

}  // namespace internal

// A copyable value. Default-constructed, it belongs to no trace. Any thread. Copying allocates
// nothing.
struct Context {
  SpanContext span;
  bool is_sampled = true;     // false: the trace is not in the sample, and nothing in it is sent
  bool is_undecided = false;  // sent only if the trace has an error: `Config::keep_on_error`
  bool is_remote = false;     // the span belongs to another process
  // Langfuse already shows an observation of another process as the first one of this trace.
  bool has_app_root = false;
  internal::PropagatedReference propagated;  // see `propagate_attributes`

  bool is_valid() const noexcept { return span.is_valid(); }
};

// The context of the calling thread. Invalid when no observation is open here; it then may still
// carry propagated attributes. Allocates nothing, except the stack of a new fiber
// (`set_context_storage`).
LANGFUSE_API Context current_context() noexcept;
// The ids of `current_context()`; invalid when it is.
LANGFUSE_INLINE TraceId current_trace_id() noexcept {
  return current_context().span.trace_id;
}
LANGFUSE_INLINE SpanId current_observation_id() noexcept {
  return current_context().span.span_id;
}

namespace internal {
struct Alone {};
}  // namespace internal

// Makes `context` the current one of this thread until the end of the scope. Use it for work that
// was handed to another thread, and for a trace that another process began. What this thread
// propagates (see `propagate_attributes`) stays in force; the attributes of `context` come on top.
// Does nothing when nothing is configured. REQUIRES: destroyed on the same thread, in the reverse
// order of construction.
class [[nodiscard]] ContextScope {
 public:
  LANGFUSE_API explicit ContextScope(const Context& context) noexcept;
  // For `ContextBound`: only the attributes of `context` are in force, none of this thread's.
  LANGFUSE_API ContextScope(const Context& context, internal::Alone alone) noexcept;
  LANGFUSE_API ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  std::uint64_t frame_ = 0;  // identifies this scope's frame among those of the thread
};

// The result of `bind_context`: calls `f` in the context in which it was made.
template <class F>
class ContextBound {
 public:
  ContextBound(Context context, F f) : context_(std::move(context)), f_(std::move(f)) {}

  template <class... Args>
  LANGFUSE_LOCAL decltype(auto) operator()(Args&&... args) {
    const ContextScope scope(context_, internal::Alone());
    return f_(std::forward<Args>(args)...);
  }
  template <class... Args>
  LANGFUSE_LOCAL decltype(auto) operator()(Args&&... args) const {
    const ContextScope scope(context_, internal::Alone());
    return f_(std::forward<Args>(args)...);
  }

 private:
  Context context_;
  F f_;
};

// Wraps `f` to be called later or elsewhere: in `std::thread(bind_context(work))`, a pool's queue,
// `std::async`, a callback. Wherever it is called, what it opens or logs becomes a child of what is
// current here and now, and carries what is propagated here and now. It may be called any number of
// times, on any thread where `f` may be; it is as copyable as `f`.
template <class F>
LANGFUSE_INLINE ContextBound<std::decay_t<F>> bind_context(F&& f) {
  return {current_context(), std::forward<F>(f)};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/context_stubs.h"
#endif

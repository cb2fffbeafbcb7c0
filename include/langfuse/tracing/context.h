// Where in a trace the running code is, as a value that can be kept and carried.
//
// Every thread has a current context: that of the newest observation it opened and that is still
// open. New observations and log lines become its children. A `Context` refers to ids, never to the
// observation itself, so that it may outlive it. To carry it to another process, and to give
// attributes to all observations of a scope, see `propagation.h`; for what moves between threads
// while it runs (coroutines, fibers), `context_stack.h`.
#pragma once

#include <type_traits>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/ids.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

struct PropagatedBlock;

// A counted reference to the attributes that a context carries; empty most of the time.
class PropagatedReference {
 public:
  PropagatedReference() noexcept = default;
  // Takes over one count.
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

// A copyable value; default-constructed it means "in no trace". Any thread. A copy allocates
// nothing.
struct Context {
  SpanContext span;
  bool is_sampled = true;     // false: the trace is not in the sample, and nothing in it is sent
  bool is_undecided = false;  // sampled for now: sent if something in the trace goes wrong
  bool is_remote = false;     // the span belongs to another process
  // Another process shows the first observation of this trace, so that the first one here is none.
  bool has_app_root = false;
  internal::PropagatedReference propagated;  // see `propagate_attributes`

  bool is_valid() const noexcept { return span.is_valid(); }
};

// The context of the calling thread; invalid when it is in no observation. Never allocates.
LANGFUSE_API Context current_context() noexcept;
// Its ids; invalid, too.
LANGFUSE_INLINE TraceId current_trace_id() noexcept {
  return current_context().span.trace_id;
}
LANGFUSE_INLINE SpanId current_observation_id() noexcept {
  return current_context().span.span_id;
}

namespace internal {
struct Alone {};
}  // namespace internal

// Makes `context` the current one of this thread until the end of the scope: for work that was
// handed to another thread, or that continues a trace of another process. What this thread
// propagates (see `propagate_attributes`) stays in force; what `context` carries comes on top. Ends
// where it began: on the same thread, in the reverse order.
class [[nodiscard]] ContextScope {
 public:
  LANGFUSE_API explicit ContextScope(const Context& context) noexcept;
  // For what is bound: it carries what `context` carries, and nothing of where it runs.
  LANGFUSE_API ContextScope(const Context& context, internal::Alone alone) noexcept;
  LANGFUSE_API ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  std::uint64_t frame_ = 0;  // identifies this scope's frame among those of the thread
};

// What `bind_context` returns: calls `f` with the context that was current when it was made.
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

// `f`, to be called later or elsewhere: `std::thread(bind_context(work))`, a pool's queue,
// `std::async`, a callback. Whatever it opens or logs becomes a child of what is current here and
// now, and carries what is propagated here and now, wherever it is called. May be called any number
// of times, on any thread; as copyable as `f` is.
template <class F>
LANGFUSE_INLINE ContextBound<std::decay_t<F>> bind_context(F&& f) {
  return {current_context(), std::forward<F>(f)};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/context_stubs.h"
#endif

// Where in a trace the running code is, as a value that can be kept and carried.
//
// Every thread has a current context: that of the newest observation it opened and that is still
// open. New observations and log lines become its children. A `Context` refers to ids, never to the
// observation itself, so that it may outlive it.
#pragma once

#include "langfuse/export.h"
#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {

// A copyable value; default-constructed it means "in no trace". Any thread.
struct Context {
  SpanContext span;
  bool is_sampled = true;  // false: the trace is not in the sample, and nothing in it is sent
  bool is_remote = false;  // the span belongs to another process

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

// Makes `context` the current one of this thread until the end of the scope: for work that was
// handed to another thread, or that continues a trace of another process. Ends where it began: on
// the same thread, in the reverse order.
class [[nodiscard]] ContextScope {
 public:
  LANGFUSE_API explicit ContextScope(const Context& context) noexcept;
  LANGFUSE_API ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  std::uint32_t frame_ = 0;  // identifies this scope's frame among those of the thread
};

}  // namespace v0_1
}  // namespace langfuse

#include "langfuse/tracing/context.h"

#include "pipeline/client.h"
#include "tracing/thread_context.h"

namespace langfuse {
inline namespace v0_1 {

Context current_context() noexcept {
  const internal::ContextFrame* const frame = internal::current_frame();
  return frame == nullptr ? Context() : frame->context;
}

ContextScope::ContextScope(const Context& context) noexcept {
  if (internal::Client::current() != nullptr) frame_ = internal::push_scope_frame(context);
}

ContextScope::~ContextScope() {
  if (frame_ != 0) internal::pop_scope_frame(frame_);
}

}  // namespace v0_1
}  // namespace langfuse

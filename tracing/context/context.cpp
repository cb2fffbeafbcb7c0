#include "langfuse/tracing/context.h"

#include "pipeline/client.h"
#include "tracing/context/named_parent.h"
#include "tracing/context/propagated_block.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {

Context current_context() noexcept {
  const internal::ContextFrame* const frame = internal::current_frame();
  Context context;
  if (frame == nullptr) return context;
  context.span = frame->context.span;
  context.is_sampled = frame->context.is_sampled;
  context.is_undecided = frame->context.is_undecided;
  context.is_remote = frame->context.is_remote;
  context.has_app_root = frame->context.has_app_root;
  internal::retain(frame->context.propagated);
  context.propagated = internal::PropagatedReference(frame->context.propagated);
  return context;
}

ContextScope::ContextScope(const Context& context) noexcept {
  if (internal::Client::current() == nullptr) return;
  frame_ = internal::push_scope_frame(internal::NamedParent(context).context());
}

ContextScope::ContextScope(const Context& context, internal::Alone) noexcept {
  if (internal::Client::current() != nullptr) frame_ = internal::push_scope_frame(context);
}

ContextScope::~ContextScope() {
  if (frame_ != 0) internal::pop_scope_frame(frame_);
}

}  // namespace v0_1
}  // namespace langfuse

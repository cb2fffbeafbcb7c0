#include "langfuse/tracing/context_stack.h"

#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {

ContextStack::~ContextStack() {
  leave();
  internal::close(stack_);
}

void ContextStack::enter() noexcept {
  if (is_entered_) return;
  if (stack_ == nullptr) {
    if (internal::Client::current() == nullptr) return;
    stack_ = internal::make_stack(base_);
    if (stack_ == nullptr) return;  // then its observations are current on the thread
  }
  internal::retain(stack_);
  previous_ = internal::exchange_entered_stack(stack_);
  is_entered_ = true;
}

void ContextStack::leave() noexcept {
  if (!is_entered_) return;
  is_entered_ = false;
  internal::FrameStack* const previous = std::exchange(previous_, nullptr);
  if (internal::entered_stack() == stack_) {
    internal::release(internal::exchange_entered_stack(previous));
    return;
  }
  // Only the thread that stands in a stack may touch it, and that is another one.
  internal::report_debug(
      "a context was left on another thread than it was entered on: a co_await without `traced`?");
  internal::close(std::exchange(stack_, nullptr));
  internal::release(previous);
}

ContextSlot::~ContextSlot() {
  internal::release(stack_);
}

void set_context_storage(ContextStorage storage) noexcept {
  internal::store_context_storage(storage);
}

}  // namespace v0_1
}  // namespace langfuse

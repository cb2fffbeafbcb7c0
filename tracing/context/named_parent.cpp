#include "tracing/context/named_parent.h"

#include "model/diagnostics.h"
#include "tracing/context/propagated_block.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

NamedParent::NamedParent(const Context& parent) noexcept : context_(parent) {
  add_what_is_propagated_here();
}

NamedParent::NamedParent(const SpanContext& parent) noexcept {
  context_.span = parent;
  context_.is_remote = true;
  add_what_is_propagated_here();
}

void NamedParent::add_what_is_propagated_here() noexcept {
  const ContextFrame* const frame = current_frame();
  if (frame == nullptr || frame->context.propagated == nullptr) return;
  const PropagatedBlock* const own = context_.propagated;
  const PropagatedBlock* here = frame->context.propagated;
  if (here == own) return;
  if (!here->trace_public.empty() && frame->context.span.trace_id != context_.span.trace_id) {
    here = hold(for_another_trace(*here));
    if (here == nullptr) return;
  }
  if (own == nullptr || covers(*here, *own)) {
    context_.propagated = here;
  } else if (!covers(*own, *here)) {
    const bool is_inner = is_propagated_here(own);
    const PropagatedBlock* const both = hold(is_inner ? united(*own, *here) : united(*here, *own));
    if (both != nullptr) context_.propagated = both;
  }
}

// Takes over the count of a new block.
const PropagatedBlock* NamedParent::hold(const PropagatedBlock* made) noexcept {
  if (made == nullptr) {
    report(Diagnostic::Severity::warning,
           "no memory for what is to be propagated; some of it is left out");
  }
  made_ = PropagatedReference(made);
  return made;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

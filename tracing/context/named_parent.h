// The parent that a user names for an observation or for a scope, in whichever way: by a context,
// by ids of another process, or as none.
//
// What the scopes of this thread propagate stays in force all the same, as it does in the official
// SDKs. A `Context` also brings what it carries itself. Where both say one thing, the
// context does, because it may come from other work; unless the scope was opened where the same
// already held, and so is the inner one.
#pragma once

#include "langfuse/tracing/context.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class NamedParent {
 public:
  // Lives as long as `parent`, and while the thread opens and ends nothing.
  explicit NamedParent(const Context& parent) noexcept;
  // Of another process.
  explicit NamedParent(const SpanContext& parent) noexcept;
  NamedParent(const NamedParent&) = delete;
  NamedParent& operator=(const NamedParent&) = delete;

  const BorrowedContext& context() const noexcept { return context_; }

 private:
  void add_what_is_propagated_here() noexcept;
  const PropagatedBlock* hold(const PropagatedBlock* made) noexcept;

  BorrowedContext context_;
  PropagatedReference made_;  // what `context_` refers to where a block had to be made
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

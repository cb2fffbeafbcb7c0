// The parent that a user gives to an observation or a scope: a context, ids of another process, or
// none.
//
// The attributes that this thread propagates stay in force, as in the official SDKs. A `Context`
// brings its own attributes on top. If both have an attribute, the one of the context counts,
// because it may come from other work. Only if the thread's scope was opened inside that context
// does the scope's count.
#pragma once

#include "langfuse/tracing/context.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class NamedParent {
 public:
  // Valid as long as `parent`, until the thread opens or ends something.
  explicit NamedParent(const Context& parent) noexcept;
  // A parent in another process.
  explicit NamedParent(const SpanContext& parent) noexcept;
  NamedParent(const NamedParent&) = delete;
  NamedParent& operator=(const NamedParent&) = delete;

  const BorrowedContext& context() const noexcept { return context_; }

 private:
  void add_what_is_propagated_here() noexcept;
  const PropagatedBlock* hold(const PropagatedBlock* made) noexcept;

  BorrowedContext context_;
  PropagatedReference made_;  // keeps a block alive that was made for `context_`
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

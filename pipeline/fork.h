// What becomes of the library around a fork.
//
// The child has none of the library's threads, and must not touch what those of its parent hold. It
// has no client until it calls `init()`, and its ids differ from those that the parent makes next.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Registers the handlers, once in the life of the process. False without memory; the next call then
// tries again. One thread at a time.
bool follow_forks() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The end of a process that returns from `main` or calls `exit`: a shutdown with a short deadline.
// What ends by a signal is in `signal_hooks.cpp`.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Registers it, once in the life of the process. It does something only for a client that wants it
// (`Config::exit_hook`), for `Config::exit_timeout` at most. False without memory; then the next
// call tries again. One thread at a time.
bool register_exit_hook() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

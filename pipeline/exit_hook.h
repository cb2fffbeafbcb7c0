// The exit hook: a shutdown with a short deadline, when the process returns from `main` or calls
// `exit`. The end by a signal is in `signal_hooks.cpp`.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Registers the hook, once in the life of the process. It acts only for a client that wants it
// (`Config::exit_hook`), for `Config::exit_timeout` at most. False without memory; the next call
// then tries again. One thread at a time.
bool register_exit_hook() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

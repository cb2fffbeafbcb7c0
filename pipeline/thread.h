// The library's own threads, and what a thread of the application must be protected from while it
// waits in here.
#pragma once

#include <cstdint>
#include <functional>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Runs `body` on a new thread that nobody joins, with every signal blocked, so that the host's
// signals reach the host's threads. What `body` throws ends its thread and nothing else, and is
// reported. Since nobody joins it, the object that holds this library (a plugin, where it is linked
// statically) stays in memory from the first thread on, whoever unloads it. False when there is no
// thread to be had. `name`: a literal.
bool start_thread(const char* name, std::function<void()> body) noexcept;

// How many of them began and ended so far. A thread counts from its first instruction, and no
// longer than it exists.
struct ThreadCounts {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;

  int running() const noexcept { return static_cast<int>(started - ended); }
};
ThreadCounts library_threads() noexcept;

// Gives the calling thread of the library the signals that the thread had which started the first
// one.
void take_signals_of_host() noexcept;

// The calling thread's number as the operating system has it, and as logging libraries write it
// into their lines. Never 0. A system call.
std::uint64_t os_thread_id() noexcept;

// False on threads that a flush would wait for: the flusher's, those that run flush sources, the
// signal helper, and inside `on_error`.
bool may_wait() noexcept;

// Marks the calling thread as one that must not wait for a flush.
void forbid_waiting() noexcept;

// Defers the cancellation (`pthread_cancel`) of the calling thread: none of our waits leaves a lock
// behind.
class CancellationGuard {
 public:
  CancellationGuard() noexcept;
  ~CancellationGuard();
  CancellationGuard(const CancellationGuard&) = delete;
  CancellationGuard& operator=(const CancellationGuard&) = delete;

 private:
  int old_state_ = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

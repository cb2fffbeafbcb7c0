// The library's own threads, and the protection of application threads that wait in the library.
#pragma once

#include <cstdint>
#include <functional>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Runs `body` on a new detached thread, with every signal blocked, so that the host's signals reach
// the host's threads. An exception from `body` ends that thread only, and is reported. Because the
// thread is detached, the object that holds this library (for instance a plugin that links it
// statically) is kept in memory from the first thread on. False when no thread can be started.
// `name`: a literal.
bool start_thread(const char* name, std::function<void()> body) noexcept;

// The number of these threads that began and ended so far. A thread counts from its first
// instruction, and no longer than it exists.
struct ThreadCounts {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;

  int running() const noexcept { return static_cast<int>(started - ended); }
};
ThreadCounts library_threads() noexcept;

// Gives the calling thread of the library the signal mask of the thread that started the first one.
void take_signals_of_host() noexcept;

// The operating system's number of the calling thread, as logging libraries write it into their
// lines. Never 0. Makes a system call.
std::uint64_t os_thread_id() noexcept;

// False on threads that a flush would wait for: the flusher's, those that run flush sources, and
// the signal helper's. Also false inside `on_error`.
bool may_wait() noexcept;

// Marks the calling thread as one that must not wait for a flush.
void forbid_waiting() noexcept;

// Defers the cancellation (`pthread_cancel`) of the calling thread, so that none of our waits
// leaves a lock behind.
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

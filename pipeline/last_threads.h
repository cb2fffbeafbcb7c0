// Finds out whether only the library's own threads are left of the process.
//
// A `main` that ends with `pthread_exit` leaves the process to its other threads. When the last of
// them ends, the process ends with status 0. Our threads do not end by themselves, and block every
// signal. With them such a process would never end, and never receive SIGTERM. So a thread of ours
// that waits anyway checks whether any other thread is left: every five seconds, and, once the main
// thread has ended, soon after the end of a thread that used the library.
#pragma once

#include <chrono>

#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Makes the library notice the end of the calling thread. Called by `init`, and once by each thread
// that submits a record. Without memory for it, the end goes unnoticed.
void notice_end_of_this_thread() noexcept;

// True if the process certainly has one thread beside the library's own, and no more.
bool is_one_thread_beside_ours() noexcept;

// From now on, `look` is called when a noticed thread ends after the main thread, because it may be
// the last thread that is not ours. It runs on that thread, and must not throw.
void set_last_threads_look(void (*look)() noexcept) noexcept;

// The checks of one thread.
class LastThreads {
 public:
  static constexpr std::chrono::seconds between_looks{5};

  LastThreads() noexcept;

  // The time of the next check.
  SteadyTime due() const noexcept { return due_; }

  // Checks, if it is time. If only threads of the library are left, it starts the end of the
  // process: another thread calls `exit(0)`, so that everything registered for the exit runs, our
  // exit hook with its time limit included.
  void look() noexcept;

  // A thread has ended: makes the next check due at once, and, because that thread may not be gone
  // yet, another one soon.
  void hurry() noexcept;

 private:
  SteadyTime due_;
  std::chrono::milliseconds pace_ = between_looks;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Whether the library's own threads are all that is left of the process.
//
// A `main` that ends with `pthread_exit` leaves the process to its other threads, and with the last
// of them the process ends, with status 0. Our threads do not end by themselves, and block every
// signal: such a process would never end, and never hear SIGTERM. So we look whether anybody else
// is left: soon after a thread has ended that used the library, once the main thread has, and
// otherwise every five seconds, on a thread that waits anyway.
#pragma once

#include <chrono>

#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The end of the calling thread will be noticed. By `init`, and once in the life of each thread
// that submits something. Needs no memory, or does without.
void notice_end_of_this_thread() noexcept;

// `look` is called from here on when a noticed thread ends after the main thread: it may be the
// last one that is not ours. On that thread; must not throw.
void set_last_threads_look(void (*look)() noexcept) noexcept;

// One thread's looking.
class LastThreads {
 public:
  static constexpr std::chrono::seconds between_looks{5};

  LastThreads() noexcept;

  // When it is time to look again.
  SteadyTime due() const noexcept { return due_; }

  // Looks when it is time. Where only threads of the library are left, starts the end of the
  // process: another thread calls `exit(0)`, so that all that is registered for it runs, our exit
  // hook with its time limit included.
  void look() noexcept;

  // A thread has ended: looks at once, and, because it may not be gone yet, again soon.
  void hurry() noexcept;

 private:
  SteadyTime due_;
  std::chrono::milliseconds pace_ = between_looks;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

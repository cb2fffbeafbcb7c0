// Signals belong to the program: the threads of the receiver take none.

#pragma once

#include <signal.h>

namespace langfuse_receiver {

// While it lives, the calling thread has all signals blocked; threads that it starts meanwhile
// inherit that for good.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace langfuse_receiver

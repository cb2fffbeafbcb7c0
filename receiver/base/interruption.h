// Lets long work on what a client sent end early when the server stops: loops whose length a client
// decides call `throw_if_interrupted`.

#pragma once

#include <atomic>
#include <stdexcept>

namespace langfuse_receiver {

// Nothing of the request was stored.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("the receiver stops") {}
};

namespace interruption {
// Of the thread's work; null: nobody interrupts it.
inline thread_local const std::atomic<bool>* wanted = nullptr;
}  // namespace interruption

// While it lives, the calling thread's work ends once `wanted` is true. `wanted` outlives it.
class Interruptible {
 public:
  explicit Interruptible(const std::atomic<bool>& wanted) { interruption::wanted = &wanted; }
  ~Interruptible() { interruption::wanted = nullptr; }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
};

inline void throw_if_interrupted() {
  if (interruption::wanted != nullptr && interruption::wanted->load(std::memory_order_relaxed)) {
    throw Interrupted();
  }
}

}  // namespace langfuse_receiver

// A mutex of which clang checks that the members it guards are touched by whoever holds it.
//
// The annotations are clang's thread safety analysis (`-Wthread-safety`; other compilers see
// nothing), with the names that leveldb's `port/thread_annotations.h` made usual. `std::mutex`
// carries none in libstdc++, hence the three thin classes: they add nothing at run time.
//
//   Mutex mutex_;
//   int waiting_ LANGFUSE_GUARDED_BY(mutex_) = 0;
//
//   const MutexLock lock(mutex_);
//   ++waiting_;
//
// What a condition waits for is read under the lock, which a lambda must say:
//
//   changed_.wait(lock, [this]() LANGFUSE_REQUIRES(mutex_) { return waiting_ == 0; });
//
// A mutex that another thread holds while the process forks would stay locked in the child for
// good. So in a child each is new at its first use there, and so is each condition, which would
// wait for its parent's waiters. What the mutex guards is as that thread left it: see `forks.h` for
// what a child must find whole.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include "model/forks.h"

#if defined(__clang__)
#define LANGFUSE_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define LANGFUSE_THREAD_ANNOTATION(x)
#endif
// On a member: only whoever holds the mutex reads or changes it; or, with `PT_`, what it points to.
#define LANGFUSE_GUARDED_BY(x) LANGFUSE_THREAD_ANNOTATION(guarded_by(x))
#define LANGFUSE_PT_GUARDED_BY(x) LANGFUSE_THREAD_ANNOTATION(pt_guarded_by(x))
// On a function: the caller holds the mutex, or the function takes it, or lets go of it.
#define LANGFUSE_REQUIRES(...) LANGFUSE_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define LANGFUSE_ACQUIRE(...) LANGFUSE_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define LANGFUSE_TRY_ACQUIRE(...) LANGFUSE_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define LANGFUSE_RELEASE(...) LANGFUSE_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
// On a function that the analysis cannot follow. A comment says why it is right.
#define LANGFUSE_NO_THREAD_SAFETY_ANALYSIS LANGFUSE_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A `T` that a child of a fork has a new one of. Trivially destructible where `T` is.
template <class T>
class NewInChild {
 public:
  T& get() noexcept {
    if (!is_of_this_process(generation_.load(std::memory_order_acquire))) renew();
    return object_;
  }
  // As the parent left it, while it is the parent's.
  T& parents() noexcept { return object_; }
  bool is_parents() const noexcept {
    return !is_of_this_process(generation_.load(std::memory_order_acquire));
  }

 private:
  static constexpr std::uint64_t never_used = ~std::uint64_t{0};
  static constexpr std::uint64_t is_being_made = std::uint64_t{1} << 63;  // added to a generation

  void renew() noexcept {
    const std::uint64_t present = process_generation();
    std::uint64_t found = generation_.load(std::memory_order_acquire);
    while (found != present) {
      // Another thread is at it; not one of a parent, which is not here.
      const bool is_at_work = found == (present | is_being_made);
      if (is_at_work || !generation_.compare_exchange_weak(found, present | is_being_made)) {
        found = generation_.load(std::memory_order_acquire);
        continue;
      }
      if (found != never_used) new (&object_) T();
      generation_.store(present, std::memory_order_release);
      return;
    }
  }

  T object_;
  std::atomic<std::uint64_t> generation_{never_used};
};

class LANGFUSE_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() LANGFUSE_ACQUIRE() { mutex_.get().lock(); }
  bool try_lock() LANGFUSE_TRY_ACQUIRE(true) { return mutex_.get().try_lock(); }
  void unlock() LANGFUSE_RELEASE() { mutex_.get().unlock(); }

  // In a child that has not used it yet: whether another thread held it when the process forked.
  // What it guards is then as that thread left it.
  bool was_held_at_fork() noexcept {
    if (!mutex_.is_parents()) return false;
    const bool was_free = mutex_.parents().try_lock();
    if (was_free) mutex_.parents().unlock();
    return !was_free;
  }

 private:
  friend class MutexLock;
  NewInChild<std::mutex> mutex_;
};

// Holds a mutex as long as it lives, but for the time between `unlock` and `lock`.
class LANGFUSE_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LANGFUSE_ACQUIRE(mutex) : lock_(mutex.mutex_.get()) {}
  // Of a mutex that this thread has locked already.
  MutexLock(Mutex& mutex, std::adopt_lock_t adopt) LANGFUSE_REQUIRES(mutex)
      : lock_(mutex.mutex_.get(), adopt) {}
  ~MutexLock() LANGFUSE_RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() LANGFUSE_ACQUIRE() { lock_.lock(); }
  void unlock() LANGFUSE_RELEASE() { lock_.unlock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

// As `std::condition_variable`.
class Condition {
 public:
  void notify_all() noexcept { condition_.get().notify_all(); }
  void wait(MutexLock& lock) { condition_.get().wait(lock.lock_); }
  template <class Predicate>
  void wait(MutexLock& lock, Predicate is_over) {
    condition_.get().wait(lock.lock_, std::move(is_over));
  }
  template <class Time>
  void wait_until(MutexLock& lock, const Time& deadline) {
    condition_.get().wait_until(lock.lock_, deadline);
  }
  // Each returns whether `is_over` at the end of the wait.
  template <class Length, class Predicate>
  bool wait_for(MutexLock& lock, const Length& length, Predicate is_over) {
    return condition_.get().wait_for(lock.lock_, length, std::move(is_over));
  }
  template <class Time, class Predicate>
  bool wait_until(MutexLock& lock, const Time& deadline, Predicate is_over) {
    return condition_.get().wait_until(lock.lock_, deadline, std::move(is_over));
  }

 private:
  NewInChild<std::condition_variable> condition_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

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
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

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

class LANGFUSE_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() LANGFUSE_ACQUIRE() { mutex_.lock(); }
  bool try_lock() LANGFUSE_TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  void unlock() LANGFUSE_RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a mutex as long as it lives, but for the time between `unlock` and `lock`.
class LANGFUSE_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LANGFUSE_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  // Of a mutex that this thread has locked already.
  MutexLock(Mutex& mutex, std::adopt_lock_t adopt) LANGFUSE_REQUIRES(mutex)
      : lock_(mutex.mutex_, adopt) {}
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
  void notify_all() noexcept { condition_.notify_all(); }
  void wait(MutexLock& lock) { condition_.wait(lock.lock_); }
  template <class Predicate>
  void wait(MutexLock& lock, Predicate is_over) {
    condition_.wait(lock.lock_, std::move(is_over));
  }
  // Each returns whether `is_over` at the end of the wait.
  template <class Length, class Predicate>
  bool wait_for(MutexLock& lock, const Length& length, Predicate is_over) {
    return condition_.wait_for(lock.lock_, length, std::move(is_over));
  }
  template <class Time, class Predicate>
  bool wait_until(MutexLock& lock, const Time& deadline, Predicate is_over) {
    return condition_.wait_until(lock.lock_, deadline, std::move(is_over));
  }

 private:
  std::condition_variable condition_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

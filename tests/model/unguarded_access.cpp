// Compiled by tests with clang's thread safety analysis, never run: without a macro it must
// compile, with any of them it must not.
#include "model/mutex.h"

namespace langfuse::internal {

class Waiters {
 public:
  void add() {
    const MutexLock lock(mutex_);
    ++waiting_;
  }

  void wait() {
    MutexLock lock(mutex_);
    changed_.wait(lock, [this]() LANGFUSE_REQUIRES(mutex_) { return waiting_ == 0; });
  }

#if defined(LANGFUSE_TEST_unlocked_read)
  int waiting() const {
    return waiting_;
  }
#elif defined(LANGFUSE_TEST_unlocked_write)
  void clear() {
    waiting_ = 0;
  }
#elif defined(LANGFUSE_TEST_write_after_unlock)
  void clear() {
    MutexLock lock(mutex_);
    lock.unlock();
    waiting_ = 0;
  }
#elif defined(LANGFUSE_TEST_call_without_the_lock)
  void clear() {
    clear_locked();
  }
#elif defined(LANGFUSE_TEST_read_after_a_failed_try)
  int waiting() {
    if (mutex_.try_lock()) mutex_.unlock();
    return waiting_;
  }
#elif defined(LANGFUSE_TEST_lock_that_is_kept)
  void clear() {
    mutex_.lock();
  }
#else
  int waiting() {
    if (!mutex_.try_lock()) return 0;
    const MutexLock lock(mutex_, std::adopt_lock);
    return waiting_;
  }
#endif

 private:
  void clear_locked() LANGFUSE_REQUIRES(mutex_) {
    waiting_ = 0;
  }

  Mutex mutex_;
  Condition changed_;
  int waiting_ LANGFUSE_GUARDED_BY(mutex_) = 0;
};

}  // namespace langfuse::internal

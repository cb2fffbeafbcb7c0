#include "model/forks.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <thread>

#include "model/mutex.h"

namespace langfuse::internal {
namespace {

constexpr unsigned longest_seconds = 60;

// What `work` returns in a child; a child that hangs gives -1.
template <class Work>
int result_in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(longest_seconds);
    _exit(work());
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A thread that stays inside `Scope(argument)` until the object is destroyed.
class Inside {
 public:
  template <class Enter>
  explicit Inside(Enter enter)
      : thread_([this, enter] {
          const auto scope = enter();
          is_inside_.set_value();
          let_go_.get_future().wait();
        }) {
    is_inside_.get_future().wait();
  }
  ~Inside() {
    let_go_.set_value();
    thread_.join();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  std::promise<void> is_inside_;
  std::promise<void> let_go_;
  std::thread thread_;
};

TEST(Forks, NumberTheProcessesOfALine) {
  const std::uint64_t own = process_generation();

  const int child = result_in_child([own] {
    const std::uint64_t childs = process_generation();
    const int grandchild =
        result_in_child([childs] { return static_cast<int>(process_generation() - childs); });
    return static_cast<int>(childs - own) * 10 + grandchild;
  });

  EXPECT_EQ(child, 11);
  EXPECT_EQ(process_generation(), own);
}

TEST(Forks, LeaveStateToTheParent) {
  const std::uint64_t own = process_generation();

  EXPECT_TRUE(is_of_this_process(own));
  EXPECT_EQ(result_in_child([own] { return is_of_this_process(own) ? 1 : 0; }), 0);
}

int times_made_new = 0;
const ForkEntry entry{[]() noexcept { ++times_made_new; }};

TEST(Forks, MakeAnEntryNewOnceAChild) {
  process_generation();

  const int made_new = result_in_child([] {
    process_generation();
    process_generation();
    return times_made_new;
  });

  EXPECT_EQ(made_new, 1);
  EXPECT_EQ(times_made_new, 0);
}

TEST(Forks, UnlockWhatAnotherThreadHeld) {
  static Mutex mutex;
  const Inside holder([] { return std::make_unique<MutexLock>(mutex); });

  const int was_held = result_in_child([] {
    const bool was_held_at_fork = mutex.was_held_at_fork();
    const MutexLock lock(mutex);
    return was_held_at_fork && !mutex.was_held_at_fork() ? 1 : 0;
  });

  EXPECT_EQ(was_held, 1);
}

TEST(Forks, LeaveWaitersToTheParent) {
  static Mutex mutex;
  static Condition changed;
  static bool is_over = false;
  std::promise<void> is_about_to_wait;
  std::thread waiter([&] {
    MutexLock lock(mutex);
    is_about_to_wait.set_value();
    changed.wait(lock, [] { return is_over; });
  });
  is_about_to_wait.get_future().wait();
  { const MutexLock lock(mutex); }  // it waits now

  const int notified = result_in_child([] {
    changed.notify_all();
    changed.notify_all();
    return 1;
  });
  {
    const MutexLock lock(mutex);
    is_over = true;
  }
  changed.notify_all();
  waiter.join();

  EXPECT_EQ(notified, 1);
}

TEST(Forks, AreNotHeldUpForGood) {
  const Inside patient([] { return std::make_unique<ForksWait>(); });

  const int result = result_in_child([] {
    const ForksWait own;
    const ForksWait nested;
    return 7;
  });

  EXPECT_EQ(result, 7);
}

}  // namespace
}  // namespace langfuse::internal

#include "pipeline/last_threads.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "model/forks.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// All publish nothing but themselves.
std::atomic<bool> is_main_ending{false};
std::atomic<bool> is_process_ending{false};
std::atomic<void (*)() noexcept> end_of_thread_look{nullptr};

// The thread that forked is the child's main thread.
ForkEntry last_threads_entry{[]() noexcept {
  is_main_ending.store(false, std::memory_order_relaxed);
  is_process_ending.store(false, std::memory_order_relaxed);
}};

bool is_main_thread() noexcept {
  return os_thread_id() == static_cast<std::uint64_t>(getpid());
}

// Runs when a noticed thread ends, after the destructors of its thread-locals. Not at `exit`.
void note_end(void*) {
  if (is_main_thread()) is_main_ending.store(true, std::memory_order_relaxed);
  if (!is_main_ending.load(std::memory_order_relaxed)) return;
  if (const auto look = end_of_thread_look.load(std::memory_order_acquire)) look();
}

struct Key {
  Key() noexcept : is_made(pthread_key_create(&key, note_end) == 0) {}

  pthread_key_t key = 0;
  const bool is_made;
};

class Descriptor {
 public:
  Descriptor(const char* path, int flags) noexcept : value_(open(path, flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const noexcept { return value_; }

 private:
  const int value_;
};

// Whether the process has so many threads, the main thread included even where it has ended. Needs
// no memory, and reads no more of a long list than it must.
bool has_threads(int wanted) noexcept {
  const Descriptor tasks("/proc/self/task", O_RDONLY | O_DIRECTORY);
  if (tasks.get() < 0) return false;
  alignas(dirent64) char buffer[2048];
  int found = 0;
  while (found <= wanted) {
    const long size = syscall(SYS_getdents64, tasks.get(), buffer, sizeof(buffer));
    if (size < 0) return false;
    if (size == 0) return found == wanted;
    for (long at = 0; at < size;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer + at);
      found += entry->d_name[0] != '.' ? 1 : 0;
      at += entry->d_reclen;
    }
  }
  return false;
}

bool has_main_ended() noexcept {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/self/task/%ld/stat", static_cast<long>(getpid()));
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0) return false;
  char buffer[512];
  const ssize_t size = read(file.get(), buffer, sizeof(buffer));
  if (size <= 0) return false;
  // `number (name) state …`; a name may hold anything.
  const std::string_view text(buffer, static_cast<std::size_t>(size));
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string_view::npos && text.substr(name_end, 3) == ") Z";
}

// Threads that begin or end meanwhile make it false: the next look tells.
bool is_nobody_else_left() noexcept {
  return is_one_thread_beside_ours() && has_main_ended();
}

}  // namespace

void notice_end_of_this_thread() noexcept {
  static const Key key;
  // Any value but null calls for the destructor.
  if (key.is_made) pthread_setspecific(key.key, &key);
}

bool is_one_thread_beside_ours() noexcept {
  const ThreadCounts before = library_threads();
  if (!has_threads(before.running() + 1)) return false;
  const ThreadCounts after = library_threads();
  return before.started == after.started && before.ended == after.ended;
}

void set_last_threads_look(void (*look)() noexcept) noexcept {
  end_of_thread_look.store(look, std::memory_order_release);
}

LastThreads::LastThreads() noexcept
    : due_(saturating_add(std::chrono::steady_clock::now(), between_looks)) {}

void LastThreads::hurry() noexcept {
  pace_ = std::chrono::milliseconds(1);
  due_ = SteadyTime::min();
}

void LastThreads::look() noexcept {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < due_) return;
  due_ = saturating_add(now, pace_);
  pace_ = std::min<std::chrono::milliseconds>(2 * pace_, between_looks);
  if (!is_nobody_else_left() || is_process_ending.exchange(true)) return;
  const bool has_started = start_thread("langfuse-end", [] {
    take_signals_of_host();
    std::exit(0);  // NOLINT(concurrency-mt-unsafe): only the library's own threads are left
  });
  if (!has_started) is_process_ending.store(false);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

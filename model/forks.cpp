#include "model/forks.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class ForkEntries {
 public:
  static void add(ForkEntry& entry) noexcept {
    entry.next_ = all.load(std::memory_order_relaxed);
    while (!all.compare_exchange_weak(entry.next_, &entry, std::memory_order_release,
                                      std::memory_order_relaxed)) {
    }
  }
  static void make_new() noexcept {
    const ForkEntry* entry = all.load(std::memory_order_acquire);
    for (; entry != nullptr; entry = entry->next_) entry->in_child_();
  }

 private:
  static std::atomic<ForkEntry*> all;
};
std::atomic<ForkEntry*> ForkEntries::all{nullptr};

namespace {

constexpr std::chrono::milliseconds longest_wait{50};

std::atomic<std::uint64_t> last_generation{0};
std::atomic<bool> has_handlers{false};
std::atomic<bool> has_page{false};

// Threads that fork, and threads that forks wait for. Sequentially consistent: of two that begin at
// once, one sees the other.
std::atomic<int> forking{0};
std::atomic<int> waited_for{0};
thread_local int own_scopes = 0;  // of `ForksWait`
// The process that this thread is about to enter, because what it makes new on the way asks for it,
// as each lock does; else 0.
thread_local std::uint64_t entered_generation = 0;

template <class Condition>
void wait_a_moment(Condition is_over) noexcept {
  if (is_over()) return;
  const auto deadline = std::chrono::steady_clock::now() + longest_wait;
  while (!is_over() && std::chrono::steady_clock::now() < deadline) sched_yield();
}

void before_fork() {
  forking.fetch_add(1);
  const int own = own_scopes > 0 ? 1 : 0;
  wait_a_moment([own] { return waited_for.load() <= own; });
}

void in_parent() {
  forking.fetch_sub(1);
}

void in_child() {
  fork_page.generation.store(0, std::memory_order_relaxed);
  fork_page.client.store(0, std::memory_order_relaxed);
  fork_page.entered_by.store(0, std::memory_order_relaxed);
  enter_process();
}

void begin_anew() noexcept {
  forking.store(0);
  waited_for.store(own_scopes > 0 ? 1 : 0);
  ForkEntries::make_new();
}

// The handlers first: until they are there, a thread that forks leaves a child that finds the page
// as it is now.
void follow_forks() noexcept {
  if (!has_handlers.load(std::memory_order_relaxed)) {
    has_handlers.store(pthread_atfork(before_fork, in_parent, in_child) == 0,
                       std::memory_order_relaxed);
  }
#if defined(MADV_WIPEONFORK)
  if (!has_page.load(std::memory_order_relaxed)) {
    has_page.store(madvise(&fork_page, sizeof(fork_page), MADV_WIPEONFORK) == 0,
                   std::memory_order_relaxed);
  }
#endif
}

}  // namespace

ForkPage fork_page;

std::uint64_t enter_process() noexcept {
  if (entered_generation != 0) return entered_generation;
  // Whoever is named there is at it, unless it is a parent, whose thread is not here.
  const long self = getpid();
  long entering = 0;
  while (!fork_page.entered_by.compare_exchange_strong(entering, self, std::memory_order_acq_rel)) {
    if (entering != self) continue;
    const std::uint64_t generation = fork_page.generation.load(std::memory_order_acquire);
    if (generation != 0) return generation;
    sched_yield();
    entering = 0;
  }
  follow_forks();
  const std::uint64_t generation = last_generation.load(std::memory_order_relaxed) + 1;
  last_generation.store(generation, std::memory_order_relaxed);
  entered_generation = generation;
  if (generation > 1) begin_anew();
  entered_generation = 0;
  fork_page.generation.store(generation, std::memory_order_release);
  return generation;
}

ForkEntry::ForkEntry(InChild in_child) noexcept : in_child_(in_child) {
  ForkEntries::add(*this);
}

ForksWait::ForksWait() noexcept {
  if (own_scopes++ > 0) return;
  waited_for.fetch_add(1);
  if (forking.load() == 0) return;
  waited_for.fetch_sub(1);
  wait_a_moment([] { return forking.load() == 0; });
  waited_for.fetch_add(1);
}

ForksWait::~ForksWait() {
  if (--own_scopes == 0) waited_for.fetch_sub(1);
}

bool follows_forks() noexcept {
  process_generation();
  if (!has_handlers.load(std::memory_order_relaxed)) follow_forks();
  return has_handlers.load(std::memory_order_relaxed) || has_page.load(std::memory_order_relaxed);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

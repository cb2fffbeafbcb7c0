// Forks: how a child is noticed, and what it makes new.
//
// A child of a fork has copies of everything its parent had, and none of its parent's threads. So
// it begins anew: with a client, ids, counts and locks of its own. What its parent had open, queued
// or connected stays its parent's.
//
// A child is noticed by a page that the system clears in it (Linux 4.14). That costs the comparison
// of one word, and holds for `_Fork` and a raw `clone`, too, where no handler of `pthread_atfork`
// runs. Where the system clears no page, those handlers do it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Pages are this large at most.
#if defined(__x86_64__)
constexpr std::size_t fork_page_size = 4096;
#else
constexpr std::size_t fork_page_size = 65536;
#endif

// All of it is 0 in a child that has not been noticed yet, as in a process that has not begun.
struct alignas(fork_page_size) ForkPage {
  std::atomic<std::uint64_t> generation{0};  // release: publishes what the child made new
  std::atomic<std::uintptr_t> client{0};     // see `Client`
  std::atomic<long> entered_by{0};           // the process whose thread sets `generation`
};
extern ForkPage fork_page;

// Begins the process, or the child: everything registered is made new, once, before any thread of
// the child takes a lock of ours. Returns the generation.
std::uint64_t enter_process() noexcept;

// The number of this process in its line of forks; never 0. State with another number is that of a
// parent. Any thread. REQUIRES: not inside a `ForkEntry`.
inline std::uint64_t process_generation() noexcept {
  const std::uint64_t generation = fork_page.generation.load(std::memory_order_acquire);
  return generation != 0 ? generation : enter_process();
}

// Whether state with this number, which a process had, is of this process. Any thread.
inline bool is_of_this_process(std::uint64_t generation) noexcept {
  return generation == fork_page.generation.load(std::memory_order_acquire);
}

// What a part of the library makes new in a child. An object with static storage, which registers
// itself and is never destroyed: all of them are known before the program can fork.
class ForkEntry {
 public:
  using InChild = void (*)() noexcept;

  // `in_child` is called in the child, with no other thread in the library: it makes state new that
  // counts or names what is the parent's. It takes no lock, allocates nothing, and frees nothing.
  // What another thread was changing is as it left it: a thread's changes are there in their order,
  // up to one of them.
  explicit ForkEntry(InChild in_child) noexcept;
  ForkEntry(const ForkEntry&) = delete;
  ForkEntry& operator=(const ForkEntry&) = delete;

 private:
  friend class ForkEntries;

  const InChild in_child_;
  ForkEntry* next_ = nullptr;
};

// While it lives, forks of other threads wait, and while they fork, it waits to begin: for code
// that is not ours (libcurl, spdlog's registry, callbacks on our threads) and may hold a lock that
// the child would find locked for good.
//
// Neither waits for long: one may hold what the other needs, and a fork of the host is the host's.
// Beyond that, the child may hang in that code. They nest.
class ForksWait {
 public:
  ForksWait() noexcept;
  ~ForksWait();
  ForksWait(const ForksWait&) = delete;
  ForksWait& operator=(const ForksWait&) = delete;
};

// False when neither the page nor the handlers follow forks, for lack of memory. The next call
// tries again.
bool follows_forks() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

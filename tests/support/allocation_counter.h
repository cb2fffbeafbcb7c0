// Counts what the calling thread allocates: `malloc` and its like, which `operator new` is built
// on; and lets allocations fail. For glibc; a program that links this has its own `malloc`, so it
// goes without sanitizers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace langfuse::testing {

// Allocations of this thread since it began, those that failed included.
std::uint64_t thread_allocations() noexcept;

// While it lives, this thread's allocations of `least_size` bytes or more fail: `count` of them
// after `spared` that do not.
class FailingAllocations {
 public:
  static constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();

  explicit FailingAllocations(std::uint64_t spared = 0, std::uint64_t count = all,
                              std::size_t least_size = 0) noexcept;
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;
};

// The calling thread has memory meanwhile, whatever happens to others.
class SparedThread {
 public:
  SparedThread() noexcept;
  ~SparedThread();
  SparedThread(const SparedThread&) = delete;
  SparedThread& operator=(const SparedThread&) = delete;

 private:
  bool was_spared_;
};

// Of the allocations of all threads that are not spared, counted from 0, those from `first` on
// fail, `count` of them. One at a time.
class FailingAllocationsOfOthers {
 public:
  FailingAllocationsOfOthers(std::uint64_t first, std::uint64_t count) noexcept;
  ~FailingAllocationsOfOthers();
  FailingAllocationsOfOthers(const FailingAllocationsOfOthers&) = delete;
  FailingAllocationsOfOthers& operator=(const FailingAllocationsOfOthers&) = delete;

  void stop() noexcept;
  // How many there were, failed or not.
  std::uint64_t seen() const noexcept;
};

}  // namespace langfuse::testing

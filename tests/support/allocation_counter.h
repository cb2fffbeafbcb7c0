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

}  // namespace langfuse::testing

#include "benchmarks/allocation_counter.h"

#include <cstddef>

// glibc's own, under the name that stays when `malloc` is replaced.
extern "C" void* __libc_malloc(std::size_t size);

namespace {
thread_local std::uint64_t allocations = 0;
}

extern "C" void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}

namespace langfuse_bench {

std::uint64_t thread_allocations() noexcept {
  return allocations;
}

}  // namespace langfuse_bench

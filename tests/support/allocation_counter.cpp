#include "tests/support/allocation_counter.h"

#include <cerrno>
#include <cstddef>

namespace {

// Volatile, because a compiler may assume that `new` leaves a variable alone which it cannot reach.
thread_local volatile std::uint64_t allocations = 0;

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  allocations = allocations + 1;
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  allocations = allocations + 1;
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) {
  allocations = allocations + 1;
  return __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations = allocations + 1;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  allocations = allocations + 1;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"

namespace langfuse::testing {

std::uint64_t thread_allocations() noexcept {
  return allocations;
}

}  // namespace langfuse::testing

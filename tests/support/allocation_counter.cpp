#include "tests/support/allocation_counter.h"

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace {

// Volatile, because a compiler may assume that `new` leaves a variable alone which it cannot reach.
thread_local volatile std::uint64_t allocations = 0;
// Of the allocations that are not too small to fail, what comes before the next failures, and how
// many fail then.
thread_local volatile std::uint64_t to_spare = 0;
thread_local volatile std::uint64_t to_fail = 0;
thread_local volatile std::size_t least_size_to_fail = 0;

// The same for all threads but those that are spared.
thread_local volatile bool is_spared = false;
std::atomic<bool> do_others_fail{false};
std::atomic<std::uint64_t> attempts_of_others{0};
std::atomic<std::uint64_t> first_failure_of_others{0};
std::atomic<std::uint64_t> failures_of_others{0};

bool fails_as_others() noexcept {
  if (is_spared || !do_others_fail.load()) return false;
  const std::uint64_t index = attempts_of_others.fetch_add(1);
  const std::uint64_t first = first_failure_of_others.load();
  return index >= first && index - first < failures_of_others.load();
}

// True when this one is to fail.
bool count(std::size_t size) noexcept {
  allocations = allocations + 1;
  if (fails_as_others()) return true;
  if (to_fail == 0 || size < least_size_to_fail) return false;
  if (to_spare > 0) {
    to_spare = to_spare - 1;
    return false;
  }
  to_fail = to_fail - 1;
  return true;
}

void* failed() noexcept {
  errno = ENOMEM;
  return nullptr;
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  return count(size) ? failed() : __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
  return count(number * size) ? failed() : __libc_calloc(number, size);
}

void* realloc(void* memory, std::size_t size) {
  return count(size) ? failed() : __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return count(size) ? failed() : __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = count(size) ? nullptr : __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

// What asks the system for pages by itself.
void* mmap(void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
  if (count(size)) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);  // MAP_FAILED
  }
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, file, offset));
}

}  // extern "C"

namespace langfuse::testing {

std::uint64_t thread_allocations() noexcept {
  return allocations;
}

FailingAllocations::FailingAllocations(std::uint64_t spared, std::uint64_t count,
                                       std::size_t least_size) noexcept {
  least_size_to_fail = least_size;
  to_spare = spared;
  to_fail = count;
}

FailingAllocations::~FailingAllocations() {
  to_fail = 0;
}

SparedThread::SparedThread() noexcept : was_spared_(is_spared) {
  is_spared = true;
}

SparedThread::~SparedThread() {
  is_spared = was_spared_;
}

FailingAllocationsOfOthers::FailingAllocationsOfOthers(std::uint64_t first,
                                                       std::uint64_t count) noexcept {
  attempts_of_others.store(0);
  first_failure_of_others.store(first);
  failures_of_others.store(count);
  do_others_fail.store(true);
}

FailingAllocationsOfOthers::~FailingAllocationsOfOthers() {
  stop();
}

void FailingAllocationsOfOthers::stop() noexcept {
  do_others_fail.store(false);
}

std::uint64_t FailingAllocationsOfOthers::seen() const noexcept {
  return attempts_of_others.load();
}

}  // namespace langfuse::testing

#include "model/counters.h"

#include "model/forks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Signed: the end of an observation may be counted before its beginning is, on another thread.
std::atomic<std::int64_t> open_count{0};

// What is open is the parent's.
ForkEntry open_count_entry{[]() noexcept { open_count.store(0, std::memory_order_relaxed); }};

}  // namespace

void count_open_observation(int change) noexcept {
  open_count.fetch_add(change, std::memory_order_relaxed);
}

std::uint64_t open_observations() noexcept {
  const std::int64_t count = open_count.load(std::memory_order_relaxed);
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

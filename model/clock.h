// Time: what a span is stamped with, and what the background thread waits by.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

using SteadyTime = std::chrono::steady_clock::time_point;

// ns since the Unix epoch. Start times only: the wall clock may jump.
inline std::int64_t wall_now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// ns of the steady clock, for durations.
inline std::int64_t steady_now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// One moment on both clocks.
struct Instant {
  std::int64_t wall_ns;
  std::int64_t steady_ns;
};

// Now, for little more than the price of one clock: the two differ by a constant until somebody
// sets the wall clock or the machine sleeps, so the difference is measured again only when it is
// older than 10 ms. Two threads that do so at once write the same.
inline Instant instant_now() noexcept {
  constexpr std::int64_t longest_trust_ns = 10'000'000;
  static std::atomic<std::int64_t> difference{0};
  static std::atomic<std::int64_t> measured_at{-longest_trust_ns - 1};  // steady
  const std::int64_t steady = steady_now_ns();
  // Acquire: sees a difference as new as the time it was measured at.
  if (steady - measured_at.load(std::memory_order_acquire) > longest_trust_ns) {
    const std::int64_t wall = wall_now_ns();
    difference.store(wall - steady, std::memory_order_relaxed);
    measured_at.store(steady, std::memory_order_release);
    return {wall, steady};
  }
  return {steady + difference.load(std::memory_order_relaxed), steady};
}

// The clock of the background thread; tests put a hand-driven one in its place.
class TimeSource {
 public:
  TimeSource() = default;
  TimeSource(const TimeSource&) = delete;
  TimeSource& operator=(const TimeSource&) = delete;
  virtual ~TimeSource() = default;

  virtual SteadyTime now() const noexcept { return std::chrono::steady_clock::now(); }
};

// `base + wait`, and the end of time instead of an overflow.
inline SteadyTime saturating_add(SteadyTime base, std::chrono::nanoseconds wait) noexcept {
  return wait >= SteadyTime::max() - base ? SteadyTime::max() : base + wait;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

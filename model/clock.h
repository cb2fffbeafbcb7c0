// Time: what a span is stamped with, and what the background thread waits by.
#pragma once

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

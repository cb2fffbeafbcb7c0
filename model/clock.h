// The clocks: for the times of spans, and for the waits of the background thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

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

// Reads both clocks at nearly the same moment. If the thread is preempted between two readings, it
// reads again, a few times, and keeps the closest pair. `read_wall`, `read_steady`: as the
// functions above.
template <class ReadWall, class ReadSteady>
Instant read_together(ReadWall read_wall, ReadSteady read_steady) noexcept {
  // Longer than a reading, shorter than another thread's turn.
  constexpr std::int64_t close_enough_ns = 1'000;
  constexpr int most_readings = 8;
  Instant closest{};
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t before = read_steady();
  for (int i = 0; i < most_readings && least > close_enough_ns; ++i) {
    const std::int64_t wall = read_wall();
    const std::int64_t after = read_steady();
    if (after - before < least) {
      least = after - before;
      closest = {wall, before};
    }
    before = after;
  }
  return closest;
}

// Now on both clocks, for little more than the cost of one. The clocks differ by a constant until
// the wall clock is set or the machine sleeps. So the difference is measured again only when it is
// older than 10 ms. Two threads that measure at once write the same.
inline Instant instant_now() noexcept {
  constexpr std::int64_t longest_trust_ns = 10'000'000;
  static std::atomic<std::int64_t> difference{0};
  static std::atomic<std::int64_t> measured_at{-longest_trust_ns - 1};  // steady
  const std::int64_t steady = steady_now_ns();
  // Acquire: the difference that is read is at least as new as this time.
  if (steady - measured_at.load(std::memory_order_acquire) > longest_trust_ns) {
    const Instant measured = read_together(wall_now_ns, steady_now_ns);
    difference.store(measured.wall_ns - measured.steady_ns, std::memory_order_relaxed);
    measured_at.store(measured.steady_ns, std::memory_order_release);
    return measured;
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

// `base + wait`, or the latest possible time instead of an overflow.
inline SteadyTime saturating_add(SteadyTime base, std::chrono::nanoseconds wait) noexcept {
  return wait >= SteadyTime::max() - base ? SteadyTime::max() : base + wait;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// A point in time that a program passes: a start, an end, a first token.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// ns since the Unix epoch, from an integer or any time point of `std::chrono::system_clock`. Other
// clocks do not compile, because their numbers mean something else. A time outside the range
// becomes the nearest one inside. The class exists so that call sites need not include `<chrono>`.
class UnixTime {
 public:
  template <class Integer,
            std::enable_if_t<
                std::is_integral<Integer>::value && !std::is_same<Integer, bool>::value, int> = 0>
  constexpr UnixTime(Integer nanoseconds) noexcept
      : nanoseconds_(!std::is_signed<Integer>::value &&
                             static_cast<std::uint64_t>(nanoseconds) > std::uint64_t{largest}
                         ? largest
                         : static_cast<std::int64_t>(nanoseconds)) {}

  // `to_time_t` is what `system_clock` has and no other clock.
  template <class TimePoint, class Clock = typename TimePoint::clock,
            class = decltype(Clock::to_time_t(Clock::now()))>
  constexpr UnixTime(const TimePoint& time) noexcept
      : nanoseconds_(to_nanoseconds(time.time_since_epoch())) {}

  constexpr std::int64_t nanoseconds() const noexcept { return nanoseconds_; }

 private:
  static constexpr std::int64_t largest = INT64_MAX;

  template <class Duration>
  static constexpr std::int64_t to_nanoseconds(const Duration& since_epoch) noexcept {
    using Period = typename Duration::period;
    constexpr std::intmax_t second = 1'000'000'000;
    const auto count = since_epoch.count();
    const double rough = static_cast<double>(count) * 1e9 * static_cast<double>(Period::num) /
                         static_cast<double>(Period::den);
    if (!(rough > -9.2e18)) return -largest;
    if (rough >= 9.2e18) return largest;
    // Exact for integer clocks: a double cannot hold today's time in nanoseconds.
    if constexpr (std::is_integral<std::decay_t<decltype(count)>>::value &&
                  second % Period::den == 0) {
      return static_cast<std::int64_t>(count) * (second / Period::den * Period::num);
    } else {
      return static_cast<std::int64_t>(rough);
    }
  }

  std::int64_t nanoseconds_;
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#include "langfuse/unix_time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace langfuse {
namespace {

using std::chrono::system_clock;

template <class Duration>
std::chrono::time_point<system_clock, Duration> at(Duration since_epoch) {
  return std::chrono::time_point<system_clock, Duration>(since_epoch);
}

TEST(UnixTime, KeepsEveryNanosecondOfTheSystemClock) {
  const system_clock::time_point now = system_clock::now();

  EXPECT_EQ(UnixTime(now).nanoseconds(),
            std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count());
  EXPECT_EQ(UnixTime(1'767'323'045'678'999'999).nanoseconds(), 1'767'323'045'678'999'999);
}

TEST(UnixTime, TakesTimePointsOfAnyUnit) {
  EXPECT_EQ(UnixTime(at(std::chrono::microseconds(7))).nanoseconds(), 7'000);
  EXPECT_EQ(UnixTime(at(std::chrono::hours(2))).nanoseconds(), 7'200'000'000'000);
  EXPECT_EQ(UnixTime(at(std::chrono::duration<double>(1.5))).nanoseconds(), 1'500'000'000);
  EXPECT_EQ(UnixTime(at(std::chrono::duration<std::int64_t, std::ratio<1, 3>>(6))).nanoseconds(),
            2'000'000'000);
  EXPECT_EQ(UnixTime(at(std::chrono::duration<std::int64_t, std::pico>(5'000))).nanoseconds(), 5);
}

TEST(UnixTime, IsTheNearestWhereItDoesNotFit) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(UnixTime(at(std::chrono::hours::max())).nanoseconds(), largest);
  EXPECT_EQ(UnixTime(at(std::chrono::hours::min())).nanoseconds(), -largest);
  EXPECT_EQ(UnixTime(at(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())))
                .nanoseconds(),
            -largest);
  EXPECT_EQ(UnixTime(std::numeric_limits<std::uint64_t>::max()).nanoseconds(), largest);
}

TEST(UnixTime, IsNoTimeOfAnotherClockNoFractionAndNoBool) {
  EXPECT_FALSE((std::is_constructible<UnixTime, std::chrono::steady_clock::time_point>::value));
  EXPECT_FALSE((std::is_constructible<UnixTime, std::chrono::seconds>::value));
  EXPECT_FALSE((std::is_constructible<UnixTime, double>::value));
  EXPECT_FALSE((std::is_constructible<UnixTime, bool>::value));
}

}  // namespace
}  // namespace langfuse

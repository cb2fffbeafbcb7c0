#include "model/clock.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace langfuse::internal {
namespace {

// Two clocks of one hand-driven time. The wall clock is `ahead` of the steady one.
struct Clocks {
  static constexpr std::int64_t ahead = 1'700'000'000'000'000'000;

  std::int64_t now = 1'000'000;
  std::vector<std::int64_t> preemptions;  // taken in turn, one before each reading
  std::size_t readings = 0;

  std::int64_t read() {
    now += 20;  // what a reading takes
    if (readings < preemptions.size()) now += preemptions[readings];
    ++readings;
    return now;
  }
  Instant together() {
    return read_together([this] { return read() + ahead; }, [this] { return read(); });
  }
};

std::int64_t error_of(const Instant& instant) {
  return std::abs(instant.wall_ns - instant.steady_ns - Clocks::ahead);
}

TEST(Clocks, AreReadTogetherInThreeReadings) {
  Clocks clocks;

  EXPECT_LE(error_of(clocks.together()), 20);
  EXPECT_EQ(clocks.readings, 3u);
}

// A thread that is preempted between the two readings, for ten seconds, shifts nothing.
TEST(Clocks, AreReadAgainByAThreadThatWasPreemptedBetweenThem) {
  constexpr std::int64_t ten_seconds = 10'000'000'000;
  for (std::size_t first = 0; first < 6; ++first) {
    for (std::size_t second = first; second < 6; ++second) {
      Clocks clocks;
      clocks.preemptions.assign(6, 0);
      clocks.preemptions[first] = ten_seconds;
      clocks.preemptions[second] = ten_seconds;

      EXPECT_LE(error_of(clocks.together()), 20) << first << " and " << second;
    }
  }
}

// Readings that are all slow give the best of them, in bounded time.
TEST(Clocks, AreReadAtMostSoOften) {
  Clocks clocks;
  for (std::int64_t i = 0; i < 100; ++i) clocks.preemptions.push_back(100'000 - 1000 * i);

  const Instant instant = clocks.together();

  EXPECT_EQ(clocks.readings, 17u);
  EXPECT_LE(error_of(instant), 100'000 - 1000 * 14);
}

// What an observation is stamped with: both clocks at one moment, however often it is asked.
TEST(Clocks, AgreeInEveryInstant) {
  for (int i = 0; i < 1000; ++i) {
    const Instant instant = instant_now();
    const std::int64_t later = wall_now_ns();

    EXPECT_LE(instant.wall_ns, later + 1'000'000);
    EXPECT_LE(instant.steady_ns, steady_now_ns());
  }
}

}  // namespace
}  // namespace langfuse::internal

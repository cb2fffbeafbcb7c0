#include "model/utc_time.h"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <string>

namespace langfuse::internal {
namespace {

std::string utc(std::int64_t unix_nano) {
  return std::string(utc_time_text(unix_nano));
}

TEST(UtcTime, IsWrittenInMilliseconds) {
  EXPECT_EQ(utc(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc(1'786'000'003'120'999'999), "2026-08-06T07:06:43.120Z");
  EXPECT_EQ(utc(951'782'400'000'000'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(utc(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854Z");
}

TEST(UtcTime, AgreesWithTheSystemOnEveryDayOfThreeCenturies) {
  constexpr std::int64_t day = 86'400;
  for (std::int64_t seconds = 0; seconds < 9'000'000'000; seconds += day - 1) {
    const std::time_t time = seconds;
    std::tm parts = {};
    char expected[32];
    std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&time, &parts));

    ASSERT_EQ(utc(seconds * 1'000'000'000), expected);
  }
}

}  // namespace
}  // namespace langfuse::internal

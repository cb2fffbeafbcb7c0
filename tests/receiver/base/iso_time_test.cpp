#include "receiver/base/iso_time.h"

#include <gtest/gtest.h>

#include <limits>

namespace {

using langfuse_receiver::parse_iso_time;
using langfuse_receiver::to_iso_time;

TEST(IsoTime, WritesMillisecondsAndCutsTheRest) {
  EXPECT_EQ(to_iso_time(1'786'000'000'650'999'999), "2026-08-06T07:06:40.650Z");
  EXPECT_EQ(to_iso_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso_time(-1), "1969-12-31T23:59:59.999Z");
}

TEST(IsoTime, ReadsZonesAndFractions) {
  const std::int64_t expected = 1'786'000'000'650'000'000;
  for (const char* text : {"2026-08-06T07:06:40.650Z", "2026-08-06T09:06:40.65+02:00",
                           "2026-08-06 01:36:40.650000-0530"}) {
    EXPECT_EQ(parse_iso_time(text), expected) << text;
  }
}

TEST(IsoTime, ReadsAllThatSixtyFourBitsHoldAndNothingBeyond) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t millisecond = 1'000'000;

  EXPECT_EQ(parse_iso_time("2262-04-11T23:47:16.854775807Z"), most);
  EXPECT_EQ(parse_iso_time("1677-09-21T00:12:43.145224192Z"), least);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.000000001Z"), 1);
  EXPECT_EQ(parse_iso_time("1969-12-31T23:59:59.999999999Z"), -1);
  for (const std::int64_t time :
       {std::int64_t{0}, most, most - 17'280'000'000 * millisecond, -millisecond}) {
    EXPECT_EQ(parse_iso_time(to_iso_time(time)), time - (time % millisecond)) << time;
  }
  for (const char* text :
       {"2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z", "2262-04-12",
        "2262-04-11T23:47:17Z", "0000-01-01", "2262-04-11T23:47:16.854775807-00:01"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

TEST(IsoTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "now", "2026-08-06T07:06:40.650", "2026-13-06T07:06:40Z", "2026-08-06T07:06:40Zx",
        "2026-08-06T07:61:40Z", "1786000000", "9999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

}  // namespace

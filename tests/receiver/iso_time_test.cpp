#include "receiver/iso_time.h"

#include <gtest/gtest.h>

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

TEST(IsoTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "now", "2026-08-06T07:06:40.650", "2026-13-06T07:06:40Z", "2026-08-06T07:06:40Zx",
        "2026-08-06T07:61:40Z", "1786000000", "9999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

}  // namespace

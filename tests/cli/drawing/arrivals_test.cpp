#include "cli/drawing/arrivals.h"

#include <gtest/gtest.h>

#include "receiver/base/iso_time.h"

namespace {

using langfuse_cli::Arrivals;
using langfuse_cli::draw_arrival;
using langfuse_cli::Palette;
using langfuse_receiver::Json;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t start_of_test = 1'786'000'000 * second;  // 2026-08-06 07:06:40 UTC

// As the API gives it: `start` in seconds since the start of the test.
Json observation(const std::string& id, double start, double latency) {
  const auto offset = static_cast<std::int64_t>(start * 1000) * 1'000'000;
  return {{"id", id},
          {"traceId", "0af7651916cd43dd8448eb211c80319c"},
          {"name", "step " + id},
          {"type", "SPAN"},
          {"level", "DEFAULT"},
          {"startTime", langfuse_receiver::to_iso_time(start_of_test + offset)},
          {"latency", latency}};
}

std::string ids_of(const std::vector<Json>& observations) {
  std::string ids;
  for (const Json& one : observations) {
    ids += one["id"].get<std::string>();
  }
  return ids;
}

TEST(Arrivals, EachObservationIsNewOnceInTheOrderOfTheEnds) {
  Arrivals arrivals(false);
  arrivals.next_from(start_of_test + 10 * second);
  // Newest start first, as the API gives them.
  const Json child = observation("c", 1, 1);
  const Json root = observation("r", 0, 5);
  const Json late = observation("l", 0.5, 2);

  EXPECT_EQ(ids_of(arrivals.take_new({child})), "c");
  EXPECT_EQ(ids_of(arrivals.take_new({child, late, root})), "lr");
  EXPECT_EQ(ids_of(arrivals.take_new({child, late, root})), "");
}

TEST(Arrivals, WhatEndedAtTheSameTimeIsInTheOrderOfTheStarts) {
  Arrivals arrivals(false);

  EXPECT_EQ(ids_of(arrivals.take_new({observation("b", 2, 0), observation("a", 1, 1)})), "ab");
}

TEST(Arrivals, LinesOfOneMillisecondAreInTheOrderInWhichTheyWereWritten) {
  Arrivals arrivals(false);
  const auto line = [](const std::string& id, int sequence) {
    Json one = observation(id, 1, 0);
    one["type"] = "EVENT";
    one["name"] = "log.info";
    one["metadata"] = {{"sequence", std::to_string(sequence)}};
    return one;
  };

  EXPECT_EQ(ids_of(arrivals.take_new({line("b", 2), line("j", 10), line("a", 1)})), "abj");
}

TEST(Arrivals, ALookGoesBackAMinuteAndEveryFifteenthTen) {
  Arrivals arrivals(false);
  const std::int64_t now = start_of_test + 3 * second;

  EXPECT_EQ(arrivals.next_from(now), now - 10 * minute);
  arrivals.take_new({observation("a", 1, 0)});

  const std::int64_t newest = start_of_test + second;
  for (int look = 1; look < 15; ++look) {
    ASSERT_EQ(arrivals.next_from(now), newest - minute) << look;
  }
  EXPECT_EQ(arrivals.next_from(now), newest - 10 * minute);
}

TEST(Arrivals, AnObservationOfTheFutureDoesNotHideThePresent) {
  Arrivals arrivals(false);
  arrivals.next_from(start_of_test);
  arrivals.take_new({observation("f", 3600, 0), observation("a", 0, 0)});

  EXPECT_EQ(arrivals.next_from(start_of_test), start_of_test - minute);
}

TEST(Arrivals, OneTraceIsAskedForAsAWhole) {
  Arrivals arrivals(true);

  EXPECT_EQ(arrivals.next_from(start_of_test), 0);
  EXPECT_EQ(ids_of(arrivals.take_new({observation("b", 86'400, 1), observation("a", 0, 1)})), "ab");
  EXPECT_EQ(arrivals.next_from(start_of_test), 0);
  EXPECT_EQ(ids_of(arrivals.take_new({observation("b", 86'400, 1), observation("a", 0, 1)})), "");
}

TEST(Arrivals, ALineSaysWhenWhatAndHowLong) {
  Json call = observation("g", 1.5, 0.25);
  call["type"] = "GENERATION";
  call["providedModelName"] = "qwen3-8b";
  Json line = observation("l", 2, 0);
  line["type"] = "EVENT";
  line["name"] = "log.warning";
  line["input"] = "kv-cache\n97% full";
  Json failed = observation("f", 3, 1);
  failed["level"] = "ERROR";
  failed["statusMessage"] = "boom";

  EXPECT_EQ(draw_arrival(call, Palette(false), 99),
            "07:06:41.750  0af76519  generation   250 ms  step g  qwen3-8b\n");
  EXPECT_EQ(draw_arrival(line, Palette(false), 99),
            "07:06:42.000  0af76519  warning              kv-cache 97% full\n");
  EXPECT_EQ(draw_arrival(failed, Palette(false), 60),
            "07:06:44.000  0af76519  span         1.00 s  step f [ERROR]…\n");
}

}  // namespace

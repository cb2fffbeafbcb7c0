#include "cli/drawing/observation_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace {

using langfuse_cli::details_of;
using langfuse_cli::end_of;
using langfuse_cli::offset_text;
using langfuse_cli::order_lines;
using langfuse_cli::start_of;
using langfuse_cli::time_between;
using langfuse_receiver::Json;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Json line(const char* text, const char* time, const Json& sequence) {
  Json observation = {
      {"type", "EVENT"}, {"name", "log.info"}, {"input", text}, {"startTime", time}};
  observation["metadata"] = Json::object();
  if (!sequence.is_null()) {
    observation["metadata"]["sequence"] = sequence;
  }
  return observation;
}

std::string inputs_of(const std::vector<Json>& observations) {
  std::string inputs;
  for (const Json& one : observations) {
    inputs += langfuse_cli::text_of(one, "input");
  }
  return inputs;
}

TEST(ObservationText, TheModelHasTwoNames) {
  EXPECT_EQ(details_of({{"model", "new"}, {"providedModelName", "old"}}), "new");
  EXPECT_EQ(details_of({{"model", "new"}}), "new");
  EXPECT_EQ(details_of({{"providedModelName", "old"}}), "old");
  EXPECT_EQ(details_of({{"model", nullptr}, {"providedModelName", "old"}}), "old");
  EXPECT_EQ(details_of({{"model", ""}, {"providedModelName", "old"}}), "old");
}

TEST(ObservationText, APointInTimeIsWrittenAsExactlyAsItIsKnown) {
  for (const auto& [nanoseconds, text] :
       std::vector<std::pair<std::int64_t, const char*>>{{0, "+0 ms"},
                                                         {1'000'000, "+1 ms"},
                                                         {999'000'000, "+999 ms"},
                                                         {1'000'000'000, "+1.000 s"},
                                                         {1'234'000'000, "+1.234 s"},
                                                         {65'250'000'000, "+65.250 s"},
                                                         {3'723'004'000'000, "+3723.004 s"},
                                                         {250'000, "+0.250 ms"},
                                                         {1'000'001, "+1.000001 ms"},
                                                         {1'234'567'000, "+1.234567 s"},
                                                         {-5'000'000, "-5 ms"},
                                                         {most, "+9223372036.854775807 s"},
                                                         {-most - 1, "-9223372036.854775808 s"}}) {
    EXPECT_EQ(offset_text(nanoseconds), text);
  }
}

// A server has milliseconds, and gives what falls into one in any order.
TEST(ObservationText, LinesOfOneMillisecondAreInTheOrderInWhichTheyWereWritten) {
  const char* const early = "2026-08-06T07:06:40.650Z";
  const char* const late = "2026-08-06T07:06:40.651Z";
  Json span = line("-", early, 1);
  span["type"] = "SPAN";
  std::vector<Json> observations = {line("c", early, 10),  span,
                                    line("b", early, "9"), line("x", early, Json()),
                                    line("a", early, 2),   line("y", early, "no"),
                                    line("e", late, 4),    line("d", late, "3")};

  order_lines(observations, start_of);

  EXPECT_EQ(inputs_of(observations), "a-bxcyde");
}

TEST(ObservationText, TimesBeyondSixtyFourBitsStayAtTheirEnd) {
  EXPECT_EQ(time_between(-most, most), most);
  EXPECT_EQ(time_between(most, -most), -most - 1);
  EXPECT_EQ(time_between(1, 3), 2);
  EXPECT_EQ(end_of({{"startTime", "2262-04-11T23:47:16.854Z"}, {"latency", 1e300}}), most);
  EXPECT_EQ(end_of({{"startTime", "2262-04-11T23:47:16.854Z"}, {"latency", 0}}), most - 775'807);
}

}  // namespace

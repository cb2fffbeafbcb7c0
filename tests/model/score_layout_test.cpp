#include "model/score_layout.h"

#include <gtest/gtest.h>

namespace langfuse::internal {
namespace {

TEST(ScoreLayout, ItsIdAndItsBodyAreWhereTheyAreSaidToBe) {
  constexpr std::string_view event =
      R"({"id":"0f6d3c1e-6a4b-4f0e-9a55-2f1c7b0f9a01","type":"score-create",)"
      R"("timestamp":"2026-08-06T07:06:43.120Z","body":{"id":"1","value":0.92}})";

  EXPECT_EQ(event_id_of(event), "0f6d3c1e-6a4b-4f0e-9a55-2f1c7b0f9a01");
  EXPECT_EQ(score_body_of(event), R"({"id":"1","value":0.92})");
}

}  // namespace
}  // namespace langfuse::internal

#include "langfuse/ids.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse {
namespace {

TEST(CreateTraceId, FromASeedIsThatOfTheOtherSdks) {
  EXPECT_EQ(create_trace_id("order-4711").hex().c_str(),
            std::string("173d0ddbff034193face7ce60d3f58b4"));
  EXPECT_EQ(create_trace_id("\xC3\xBCn\xC3\xAF"
                            "c\xC3\xB6"
                            "d\xC3\xA9")
                .hex()
                .c_str(),
            std::string("b09ad3e278dfb341468394a32f732467"));
}

TEST(CreateObservationId, FromASeedIsThatOfTheOtherSdks) {
  EXPECT_EQ(create_observation_id("order-4711").hex().c_str(), std::string("173d0ddbff034193"));
}

TEST(CreateTraceId, WithoutASeedIsAnotherEachTime) {
  const TraceId first = create_trace_id();
  EXPECT_TRUE(first.is_valid());
  EXPECT_NE(create_trace_id(), first);
  EXPECT_NE(create_trace_id(""), create_trace_id(""));
  EXPECT_NE(create_observation_id(""), create_observation_id(""));
}

}  // namespace
}  // namespace langfuse

#include "pipeline/diagnosis/server_version.h"

#include <gtest/gtest.h>

namespace langfuse::internal {
namespace {

TEST(ServerVersion, DecidesWhatIsLost) {
  EXPECT_EQ(judge_version("2.95.11").support, ServerSupport::none);
  EXPECT_EQ(judge_version("3.21.9").support, ServerSupport::none);
  EXPECT_EQ(judge_version("3.22.0").support, ServerSupport::some_is_lost);
  EXPECT_EQ(judge_version("3.58.9").support, ServerSupport::some_is_lost);
  EXPECT_EQ(judge_version("3.106.3").support, ServerSupport::some_is_lost);
  EXPECT_EQ(judge_version("3.106.4").support, ServerSupport::full);
  EXPECT_EQ(judge_version("4.0.0").support, ServerSupport::full);
  EXPECT_EQ(judge_version("10.0.0").support, ServerSupport::full);
}

TEST(ServerVersion, BeforeAndAfterTheAttributesDifferentThingsAreLost) {
  EXPECT_NE(judge_version("3.58.9").what_is_lost.find("attributes"), std::string::npos);
  EXPECT_NE(judge_version("3.59.0").what_is_lost.find("types agent"), std::string::npos);
}

TEST(ServerVersion, APrefixAndASuffixDoNotMatter) {
  EXPECT_EQ(judge_version("v3.106.3").support, ServerSupport::some_is_lost);
  EXPECT_EQ(judge_version("3.106.4-rc.1").support, ServerSupport::full);
}

TEST(ServerVersion, WhatIsNoVersionGetsTheBenefitOfTheDoubt) {
  for (const char* const text : {"", "latest", "v", "3", "3.x", "99999999999999999999.1.1"}) {
    EXPECT_EQ(judge_version(text).support, ServerSupport::full) << text;
    EXPECT_TRUE(has_observations_api(text)) << text;
  }
}

TEST(ServerVersion, Version3IsReadBackByTrace) {
  EXPECT_FALSE(has_observations_api("3.180.0"));
  EXPECT_TRUE(has_observations_api("4.0.0"));
}

}  // namespace
}  // namespace langfuse::internal

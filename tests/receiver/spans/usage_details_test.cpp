#include "receiver/spans/usage_details.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using langfuse_receiver::completed_cost;
using langfuse_receiver::completed_usage;
using langfuse_receiver::Json;
using langfuse_receiver::provided_cost;
using langfuse_receiver::provided_usage;

std::string usage(const char* text) {
  return provided_usage(Json::parse(text)).dump();
}

TEST(UsageDetails, OpenAiShapesBecomeDisjointBuckets) {
  EXPECT_EQ(usage(R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
                      "prompt_tokens_details":{"cached_tokens":4},
                      "completion_tokens_details":{"reasoning_tokens":2}})"),
            R"({"input":6,"output":3,"total":15,"input_cached_tokens":4,)"
            R"("output_reasoning_tokens":2})");
  EXPECT_EQ(usage(R"({"input_tokens":1,"output_tokens":2,"total_tokens":3})"),
            R"({"input":1,"output":2,"total":3})");
}

TEST(UsageDetails, IncompleteOrExtendedShapesKeepTheirKeys) {
  EXPECT_EQ(usage(R"({"input_tokens":10,"output_tokens":5})"),
            R"({"input_tokens":10,"output_tokens":5})");
  EXPECT_EQ(usage(R"({"input_tokens":1,"output_tokens":2,"total_tokens":3,"x":4})"),
            R"({"input_tokens":1,"output_tokens":2,"total_tokens":3,"x":4})");
}

TEST(UsageDetails, OnlyWholeCountsAreKept) {
  EXPECT_EQ(usage(R"({"a":1,"b":"2","c":1.5,"d":-1,"e":"x","f":null,"g":3.0,"h":true})"),
            R"({"a":1,"b":2,"g":3})");
  EXPECT_THROW(usage(R"({"a":1e300})"), std::out_of_range);
}

TEST(UsageDetails, TheTotalIsTheSumWhereNoneIsGiven) {
  EXPECT_EQ(completed_usage(Json::parse(R"({"input":8})")).dump(), R"({"input":8,"total":8})");
  EXPECT_EQ(completed_usage(Json::parse(R"({"input":8,"total":3})")).dump(),
            R"({"input":8,"total":3})");
  EXPECT_EQ(completed_usage(Json::object()).dump(), "{}");
}

TEST(UsageDetails, TheTotalCostIsDerivedFromInputAndOutputOnly) {
  EXPECT_EQ(completed_cost(Json::parse(R"({"input":0.25})")).dump(),
            R"({"input":0.25,"total":0.25})");
  EXPECT_EQ(completed_cost(Json::parse(R"({"input":0.25,"audio":1.0})")).dump(),
            R"({"input":0.25,"audio":1.0})");
  EXPECT_EQ(provided_cost(Json::parse(R"({"total":"0.5","x":"y"})")).dump(), R"({"total":0.5})");
}

}  // namespace

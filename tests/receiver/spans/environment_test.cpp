#include "receiver/spans/environment.h"

#include <gtest/gtest.h>

namespace {

using langfuse_receiver::normalize_environment;

TEST(Environment, NamesAreNormalised) {
  EXPECT_EQ(normalize_environment("Production"), "production");
  EXPECT_EQ(normalize_environment("langfuse-dev"), "dev");
  EXPECT_EQ(normalize_environment("langfuse_langfuse-dev"), "dev");
  EXPECT_EQ(normalize_environment("a b"), "default");
  EXPECT_EQ(normalize_environment("langfuse"), "default");
  EXPECT_EQ(normalize_environment(""), "default");
  EXPECT_EQ(normalize_environment(std::string(50, 'x')), std::string(40, 'x'));
}

}  // namespace

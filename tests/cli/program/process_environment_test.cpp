#include "cli/program/process_environment.h"

#include <gtest/gtest.h>

namespace langfuse_cli {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::string_view block_of(const char* begin, std::size_t size) {
  return {begin, size - 1};  // without the literal's own NUL
}

TEST(ProcessEnvironment, TakesWhatTheLibraryReadsAndNoMore) {
  constexpr char block[] =
      "PATH=/bin\0LANGFUSE_HOST=http://a.test\0HOME=/root\0https_proxy=b:1\0"
      "OTEL_SERVICE_NAME=mail\0NOT_LANGFUSE_HOST=c\0";

  EXPECT_EQ(settings_in(block_of(block, sizeof(block))),
            (Settings{{"LANGFUSE_HOST", "http://a.test"},
                      {"https_proxy", "b:1"},
                      {"OTEL_SERVICE_NAME", "mail"}}));
}

TEST(ProcessEnvironment, AValueMayHoldAnEqualsSignAndBeEmpty) {
  constexpr char block[] = "LANGFUSE_A=b=c\0LANGFUSE_D=\0";

  EXPECT_EQ(settings_in(block_of(block, sizeof(block))),
            (Settings{{"LANGFUSE_A", "b=c"}, {"LANGFUSE_D", ""}}));
}

TEST(ProcessEnvironment, WhatIsNoEntryIsLeftOut) {
  constexpr char block[] = "LANGFUSE_A\0\0=x\0LANGFUSE_B=1";

  EXPECT_EQ(settings_in(block_of(block, sizeof(block))), (Settings{{"LANGFUSE_B", "1"}}));
  EXPECT_EQ(settings_in(""), Settings{});
}

}  // namespace
}  // namespace langfuse_cli

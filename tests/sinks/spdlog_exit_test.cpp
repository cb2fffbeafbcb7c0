// A sink in an asynchronous logger, seen from outside: how the program ends, and what the server
// has then, exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <ostream>
#include <string>
#include <tuple>

#include "receiver/server.h"
#include "tests/support/child_process.h"

namespace langfuse::testing {
namespace {

// 2 000 lines, under a process root for every 1 000.
constexpr int delivered = 2002;

struct End {
  const char* name;
  int status;
};
void PrintTo(const End& end, std::ostream* out) {
  *out << end.name;
}

using Case = std::tuple<const char*, const char*, End>;
class SpdlogExit : public ::testing::TestWithParam<Case> {};

TEST_P(SpdlogExit, LosesNoLineOfAnAsynchronousLogger) {
  langfuse_receiver::Server receiver{{}};
  receiver.start(0);
  const auto& [made, threads, end] = GetParam();

  ChildProcess child({LANGFUSE_SPDLOG_EXIT_PROGRAM, made, threads, end.name},
                     {{"LANGFUSE_BASE_URL", receiver.url()},
                      {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                      {"LANGFUSE_SECRET_KEY", "sk-lf-local"},
                      {"LANGFUSE_FLUSH_INTERVAL", "3000"},
                      // A loaded machine under a sanitizer must not be what loses lines here.
                      {"LANGFUSE_TIMEOUT", "60"},
                      {"LANGFUSE_CPP_FLUSH_TIMEOUT", "60"},
                      {"LANGFUSE_CPP_SHUTDOWN_TIMEOUT", "60"},
                      {"LANGFUSE_CPP_EXIT_TIMEOUT", "60"}});
  const int status = child.wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), end.status);
  EXPECT_EQ(receiver.observation_count(), delivered);
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  const auto& [made, threads, end] = info.param;
  std::string name = std::string(made) + "_" + threads + "_" + end.name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Programs, SpdlogExit,
    ::testing::Combine(::testing::Values("before-init", "between", "after-init", "attached"),
                       ::testing::Values("1", "4"),
                       ::testing::Values(End{"return", 0}, End{"exit", 3}, End{"flush", 4},
                                         End{"run-with-flush", 2}, End{"spdlog-shutdown", 5},
                                         End{"spdlog-shutdown-first", 6},
                                         End{"spdlog-shutdown-last", 7})),
    name_of);

}  // namespace
}  // namespace langfuse::testing

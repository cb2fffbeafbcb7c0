// A sink in an asynchronous logger, seen from outside: how the program ends, and what the server
// has then, exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <map>
#include <ostream>
#include <string>
#include <tuple>

#include "tests/support/child_process.h"
#include "tests/support/fault_server.h"
#include "tests/support/gunzip.h"
#include "tests/support/otlp_text.h"

namespace langfuse::testing {
namespace {

using internal::DecodedSpan;
using internal::FaultServer;

// How often the server got each line; what is no line stands under its name.
std::map<std::string, int> received(const FaultServer& server) {
  std::map<std::string, int> counts;
  for (const FaultServer::Request& request : server.requests()) {
    const bool is_gzip = request.header("content-encoding") == "gzip";
    const std::string body = is_gzip ? internal::gunzip(request.body) : request.body;
    for (const DecodedSpan& span : internal::decode_request(body).spans) {
      const bool is_line = span.name == "log.info";
      ++counts[is_line ? span.text("langfuse.observation.input") : span.name];
    }
  }
  return counts;
}

// 2 000 lines, under a process root for every 1 000.
std::map<std::string, int> expected() {
  std::map<std::string, int> counts{{"spdlog_exit_program", 2}};
  for (int line = 0; line < 2000; ++line) counts["line " + std::to_string(line)] = 1;
  return counts;
}

struct End {
  const char* name;
  int status;
};
void PrintTo(const End& end, std::ostream* out) {
  *out << end.name;
}

using Case = std::tuple<std::string, std::string, End>;
class SpdlogExit : public ::testing::TestWithParam<Case> {};

TEST_P(SpdlogExit, LosesNoLineOfAnAsynchronousLogger) {
  const FaultServer server;
  const auto& [made, threads, end] = GetParam();

  ChildProcess child({LANGFUSE_SPDLOG_EXIT_PROGRAM, made, threads, end.name},
                     {{"LANGFUSE_BASE_URL", server.url()},
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
  EXPECT_EQ(received(server), expected());
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  const auto& [made, threads, end] = info.param;
  std::string name = made + "_" + threads + "_" + end.name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Programs, SpdlogExit,
    ::testing::Combine(
        ::testing::Values<std::string>("before-init", "between", "after-init", "attached"),
        ::testing::Values<std::string>("1", "4"),
        ::testing::Values(End{"return", 0}, End{"exit", 3}, End{"flush", 4},
                          End{"run-with-flush", 2}, End{"spdlog-shutdown", 5},
                          End{"spdlog-shutdown-first", 6}, End{"spdlog-shutdown-last", 7})),
    name_of);

}  // namespace
}  // namespace langfuse::testing

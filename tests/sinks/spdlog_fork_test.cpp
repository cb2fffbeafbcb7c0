// Asynchronous loggers across a fork, seen from outside: what the server has, what is said, and
// that no flush waits for threads that the child does not have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <map>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/fault_server.h"
#include "tests/support/gunzip.h"
#include "tests/support/otlp_text.h"

namespace langfuse::testing {
namespace {

using internal::DecodedSpan;
using internal::FaultServer;

constexpr const char* said_of_app =
    "langfuse: warning: the thread pool of asynchronous logger 'app' did not survive the fork: in "
    "this process its lines stay in the queue; make pools and their loggers after the fork\n";

class SpdlogFork : public ::testing::Test {
 protected:
  // The time of a flush is far beyond the longest that is expected.
  int run(const std::string& mode) {
    const auto began = std::chrono::steady_clock::now();
    ChildProcess program(
        {"/bin/sh", "-c",
         std::string("exec ") + LANGFUSE_SPDLOG_FORK_PROGRAM + " " + mode + " 2>&1"},
        {{"LANGFUSE_BASE_URL", server_.url()},
         {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
         {"LANGFUSE_SECRET_KEY", "sk-lf-local"},
         {"LANGFUSE_FLUSH_INTERVAL", "3000"},
         {"LANGFUSE_TIMEOUT", "60"},
         {"LANGFUSE_CPP_FLUSH_TIMEOUT", "240"},
         {"LANGFUSE_CPP_EXIT_TIMEOUT", "240"}});
    said_ = program.read_all();
    const int status = program.wait();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  // Without the process roots.
  std::map<std::string, int> received() const {
    std::map<std::string, int> counts;
    for (const FaultServer::Request& request : server_.requests()) {
      const bool is_gzip = request.header("content-encoding") == "gzip";
      const std::string body = is_gzip ? internal::gunzip(request.body) : request.body;
      for (const DecodedSpan& span : internal::decode_request(body).spans) {
        if (span.name == "spdlog_fork_program") continue;
        ++counts[span.name == "log.info" ? span.text("langfuse.observation.input") : span.name];
      }
    }
    return counts;
  }

  FaultServer server_;
  std::string said_;
};

TEST_F(SpdlogFork, MakesNoFlushOfTheChildWaitForThePoolOfTheParent) {
  EXPECT_EQ(run("nothing"), 0);

  EXPECT_EQ(received(), (std::map<std::string, int>{{"parent", 1}, {"child", 1}}));
  EXPECT_EQ(said_, said_of_app);
}

TEST_F(SpdlogFork, IsFoundOutBesideOtherThreadsOfTheChild) {
  EXPECT_EQ(run("a-thread"), 0);

  EXPECT_EQ(received(), (std::map<std::string, int>{{"parent", 1}, {"child", 1}}));
  EXPECT_EQ(said_, said_of_app);
}

TEST_F(SpdlogFork, LosesNoLineOfAPoolThatTheChildMade) {
  EXPECT_EQ(run("new-pool"), 0);

  std::map<std::string, int> expected{{"parent", 1}, {"child", 1}};
  for (int line = 0; line < 100; ++line) expected["line " + std::to_string(line)] = 1;
  EXPECT_EQ(received(), expected);
}

}  // namespace
}  // namespace langfuse::testing

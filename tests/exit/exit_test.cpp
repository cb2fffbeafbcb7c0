// How a program may end, seen from outside: what the server has afterwards, and the wait status,
// both exactly.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>

#include "receiver/server.h"
#include "tests/support/child_process.h"
#include "tests/support/fault_server.h"

namespace langfuse::testing {
namespace {

constexpr int observations = 10;  // what exit_program makes

class Exit : public ::testing::Test {
 protected:
  Exit() { receiver_.start(0); }

  // Batches close by flush only: the interval is far beyond any test. `patience`: how long the exit
  // may take, in seconds; where a server answers, a loaded machine must not be what loses records.
  ChildProcess start(const std::string& mode, const std::string& url, const char* patience) {
    return ChildProcess({LANGFUSE_EXIT_PROGRAM, mode}, {{"LANGFUSE_BASE_URL", url},
                                                        {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                                                        {"LANGFUSE_SECRET_KEY", "sk-lf-local"},
                                                        {"LANGFUSE_FLUSH_INTERVAL", "3000"},
                                                        {"LANGFUSE_TIMEOUT", "60"},
                                                        {"LANGFUSE_CPP_EXIT_TIMEOUT", patience}});
  }
  ChildProcess start(const std::string& mode) { return start(mode, receiver_.url(), "60"); }
  std::int64_t arrived() const { return receiver_.observation_count(); }

  langfuse_receiver::Server receiver_{{}};
};

TEST_F(Exit, ByReturnFromMainLosesNothing) {
  const int status = start("return").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, ByExitLosesNothingButWhatIsStillOpen) {
  const int status = start("exit").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, ByExitFromAnotherThreadLosesNothing) {
  const int status = start("exit-from-thread").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 4);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, ByAnExceptionOutOfMainLosesNothingThatRanWithFlush) {
  const int status = start("exception").wait();

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_EQ(arrived(), observations);
}

class ExitBySignal : public Exit, public ::testing::WithParamInterface<int> {};

TEST_P(ExitBySignal, WithHooksLosesNothingAndDiesByTheSignal) {
  ChildProcess child = start("hooks");
  ASSERT_EQ(child.read_line(), "ready");

  child.send(GetParam());
  const int status = child.wait();

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), GetParam());
  EXPECT_EQ(arrived(), observations);
}

TEST_P(ExitBySignal, WithoutHooksHasItsDefaultEffect) {
  ChildProcess child = start("no-hooks");
  ASSERT_EQ(child.read_line(), "ready");

  child.send(GetParam());
  const int status = child.wait();

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), GetParam());
  EXPECT_EQ(arrived(), 0);
}

INSTANTIATE_TEST_SUITE_P(Signals, ExitBySignal, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& signal) {
                           return signal.param == SIGTERM ? "SIGTERM" : "SIGINT";
                         });

TEST_F(Exit, BySignalIsLeftToTheApplicationWithOnSignal) {
  ChildProcess child = start("on-signal");
  ASSERT_EQ(child.read_line(), "ready");

  child.send(SIGTERM);
  const int status = child.wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(arrived(), observations + 1);
}

TEST_F(Exit, BySignalLeavesAHandlerOfTheApplicationInForce) {
  ChildProcess child = start("own-handler");
  EXPECT_EQ(child.read_line(),
            "install_exit_hooks: signal 15 has a handler of the application, which stays in force");
  ASSERT_EQ(child.read_line(), "ready");

  child.send(SIGTERM);
  const int status = child.wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 5);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, BySignalLeavesAnIgnoredOneIgnored) {
  const int status = start("ignored").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 6);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, OfARunWithoutTheHookSendsNothingThoughAnEarlierOneHadIt) {
  const int status = start("restart-without-hook").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 9);
  EXPECT_EQ(arrived(), 0);
}

TEST_F(Exit, ByPthreadExitOfMainLosesNothingAndEndsTheProcess) {
  const int status = start("pthread-exit").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, ByPthreadExitOfMainWaitsForThreadsThatUseTheLibrary) {
  ChildProcess child = start("pthread-exit-before-a-thread");
  ASSERT_EQ(child.read_line(), "ready");

  child.close_input();
  const int status = child.wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(arrived(), observations);
}

TEST_F(Exit, ByPthreadExitOfMainWaitsForThreadsThatNeverUsedTheLibrary) {
  ChildProcess child = start("pthread-exit-with-a-thread-that-never-used-it");
  ASSERT_EQ(child.read_line(), "ready");

  child.close_input();
  const int status = child.wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(arrived(), 4 * observations);
}

TEST_F(Exit, ByPthreadExitOfMainIsNotKeptByThreadsThatOutliveAShutdown) {
  const int status = start("pthread-exit-after-shutdown").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(arrived(), observations);
}

// The descriptors of the library, libcurl's included, are no business of the host's children; and
// those of the host stay as they are.
TEST_F(Exit, AndDescriptorsAreNothingThatAChildInherits) {
  ChildProcess child = start("descriptors");

  EXPECT_EQ(child.read_all(),
            "after init: the same\n"
            "with hooks and records: the same\n"
            "after a flush: the same\n"
            "after the shutdown: the same\n"
            "in the next run: the same\n");
  EXPECT_EQ(child.wait(), 0);
}

// A server that accepts and never answers.
class SilentServer {
 public:
  SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 4), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() {
    close(connection_);
    close(listener_);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  const std::string& url() const { return url_; }
  void wait_for_a_request() {
    connection_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    char byte = 0;
    EXPECT_EQ(recv(connection_, &byte, 1, 0), 1);
  }

 private:
  int listener_ = -1;
  int connection_ = -1;
  std::string url_;
};

TEST_F(Exit, ByASecondSignalDoesNotWaitForTheFlush) {
  SilentServer silent;
  ChildProcess child = start("hooks-patient", silent.url(), "60");
  ASSERT_EQ(child.read_line(), "ready");

  child.send(SIGTERM);
  silent.wait_for_a_request();  // the flush of the first one is under way, and would take an hour
  child.send(SIGTERM);
  const int status = child.wait();

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(Exit, ByPthreadExitOfMainIsNotDeafToSignals) {
  SilentServer silent;
  ChildProcess child = start("pthread-exit", silent.url(), "60");
  silent.wait_for_a_request();  // the flush at the end is under way

  child.send(SIGTERM);
  const int status = child.wait();

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(Exit, ByPthreadExitOfMainIsNotHeldUpByAServerThatDoesNotAnswer) {
  SilentServer silent;

  const int status = start("pthread-exit", silent.url(), "1").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Exit, IsNotHeldUpByAServerThatDoesNotAnswer) {
  SilentServer silent;

  const int status = start("return", silent.url(), "1").wait();

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// What the first page of the documentation shows, with every time at its default: ten seconds for
// the flush, two for the hook. The bound leaves a loaded machine ten of them.
class ExitInVain : public Exit {
 protected:
  void expect_quick_end(const std::string& mode, const std::string& url, const char* secret_key) {
    const auto began = std::chrono::steady_clock::now();
    ChildProcess child({LANGFUSE_EXIT_PROGRAM, mode}, {{"LANGFUSE_BASE_URL", url},
                                                       {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                                                       {"LANGFUSE_SECRET_KEY", secret_key}});

    const int status = child.wait();

    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10)) << url;
  }
};

TEST_F(ExitInVain, DoesNotWaitForAServerThatWasNeverThere) {
  const std::string url = "http://127.0.0.1:" + std::to_string(internal::closed_port());

  expect_quick_end("run-with-flush", url, "sk-lf-local");
  expect_quick_end("return", url, "sk-lf-local");
  expect_quick_end("flush-then-return", url, "sk-lf-local");
}

TEST_F(ExitInVain, DoesNotWaitForANameThatNobodyHas) {
  expect_quick_end("run-with-flush", "http://no-such-host.invalid", "sk-lf-local");
}

TEST_F(ExitInVain, DoesNotWaitForKeysThatAreRefused) {
  internal::FaultServer server;
  for (int i = 0; i < 4; ++i) server.script(internal::FaultServer::reply(401));

  expect_quick_end("run-with-flush", server.url(), "sk-lf-wrong");

  EXPECT_EQ(server.requests().size(), 1u);  // each would extend the time that they stay refused
}

TEST_F(ExitInVain, DoesNotWaitForAnAddressThatIsNotLangfuses) {
  internal::FaultServer server;
  for (int i = 0; i < 8; ++i) server.script(internal::FaultServer::reply(404));

  expect_quick_end("run-with-flush", server.url(), "sk-lf-local");
}

}  // namespace
}  // namespace langfuse::testing

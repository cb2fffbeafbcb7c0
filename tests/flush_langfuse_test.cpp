// The flush tests of the Python workflow library whose manual flushing this library takes over,
// under their own names, and what belongs to them: immediate sending, the interval, and steps that
// flush when they end.
#include <gtest/gtest.h>
#include <langfuse/langfuse.h>
#include <langfuse/tracing/observe.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "receiver/server.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_client.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

class FlushLangfuse : public FakeClientTest {};

TEST_F(FlushLangfuse, ExistsAndIsCallable) {
  static_assert(std::is_same<decltype(flush_langfuse()), FlushResult>::value);
  static_assert(noexcept(flush_langfuse()));

  EXPECT_EQ(flush_langfuse().status, FlushStatus::ok);
  EXPECT_EQ(get_client().flush().status, FlushStatus::ok);
}

TEST_F(FlushLangfuse, IsANoOpWithoutConfiguration) {
  shutdown();
  Client::forget();

  const FlushResult result = flush_langfuse();

  EXPECT_EQ(result.status, FlushStatus::not_configured);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(transport_->request_count(), 0u);
  start();
}

TEST_F(FlushLangfuse, FlushesHandlerAndClientHandlerFirst) {
  transport_->answer_all(FakeTransport::status(200));
  std::size_t requests_before_handler = 99;
  const std::uint64_t handler = register_flush_source("handler", [&](std::int64_t) {
    requests_before_handler = transport_->request_count();
    Client::current()->submit(make_record("of the handler"));
  });
  Client::current()->submit(make_record("of the client"));

  const FlushResult result = flush_langfuse();

  unregister_flush_source(handler);
  EXPECT_EQ(requests_before_handler, 0u);
  EXPECT_EQ(result.delivered, 2u);
  ASSERT_EQ(transport_->request_count(), 1u);
  const std::string body = transport_->requests()[0].body;
  EXPECT_NE(body.find("of the client"), std::string::npos);
  EXPECT_NE(body.find("of the handler"), std::string::npos);
}

TEST_F(FlushLangfuse, TurnsErrorsIntoWarningsAndThrowsNothing) {
  transport_->answer_all(FakeTransport::failure("connection refused"));
  const std::uint64_t handler = register_flush_source(
      "handler", [](std::int64_t) { throw std::runtime_error("handler failed"); });
  Client::current()->submit(make_record());

  EXPECT_NO_THROW(flush(std::chrono::seconds{1}));

  unregister_flush_source(handler);
  ASSERT_EQ(said_.size(), 2u);
  EXPECT_EQ(said_[0], "flush source 'handler' threw: handler failed");
  EXPECT_NE(said_[1].find("connection refused"), std::string::npos);
}

struct Workflow {
  std::string run(const std::string& mail, int& runs) {
    ++runs;
    auto step = observe("workflow");
    return "answer to " + mail;
  }
};

TEST_F(FlushLangfuse, WrapperReturnsTheWorkflowsResult) {
  transport_->answer_all(FakeTransport::status(200));
  Workflow workflow;
  int runs = 0;

  const std::string result = run_workflow_with_flush(workflow, "mail", runs);

  EXPECT_EQ(result, "answer to mail");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(stats().delivered, 1u);
}

TEST_F(FlushLangfuse, WrapperFlushesWhenTheWorkflowFails) {
  transport_->answer_all(FakeTransport::status(200));
  const auto failing = [](int code) -> int {
    auto step = observe("workflow");
    throw code;
  };

  try {
    run_workflow_with_flush(failing, 42);
    FAIL() << "the exception must come through";
  } catch (int code) {
    EXPECT_EQ(code, 42);
  }

  EXPECT_EQ(stats().delivered, 1u);
}

TEST_F(FlushLangfuse, WrapperGivesBackResultsOfEveryKind) {
  int number = 5;
  const auto reference = [&]() -> int& { return number; };
  const auto nothing = [&](int value) { number = value; };

  static_assert(std::is_same<decltype(run_with_flush(reference)), int&>::value);
  EXPECT_EQ(&run_with_flush(reference), &number);
  EXPECT_EQ(*run_with_flush([] { return std::make_unique<int>(7); }), 7);
  static_assert(std::is_same<decltype(run_with_flush(nothing, 9)), void>::value);
  run_with_flush(nothing, 9);
  EXPECT_EQ(number, 9);
}

class FlushAtOne : public FakeClientTest {
 protected:
  FlushAtOne() : FakeClientTest(with_flush_at_one()) {}

  static Settings with_flush_at_one() {
    Settings settings = test_settings();
    settings.flush_at = 1;
    return settings;
  }
};

TEST_F(FlushAtOne, SendsEachEventWithoutAFlush) {
  transport_->answer_all(FakeTransport::status(200));

  for (std::size_t i = 1; i <= 3; ++i) {
    { auto step = observe("step"); }
    ASSERT_TRUE(transport_->wait_for_requests(i));
  }

  EXPECT_EQ(transport_->request_count(), 3u);
}

class FlushIntervalOfOneSecond : public FakeClientTest {
 protected:
  FlushIntervalOfOneSecond() : FakeClientTest(with_interval()) {}

  static Settings with_interval() {
    Settings settings = test_settings();
    settings.flush_interval = Seconds{1};
    return settings;
  }
};

TEST_F(FlushIntervalOfOneSecond, SendsWithinTheInterval) {
  transport_->answer_all(FakeTransport::status(200));
  ASSERT_TRUE(transport_->wait_for_idle());
  { auto step = observe("step"); }
  EXPECT_EQ(transport_->request_count(), 0u);

  transport_->advance(std::chrono::seconds{1});

  ASSERT_TRUE(transport_->wait_for_requests(1));
}

TEST_F(FlushLangfuse, FlushesAFailingStepToo) {
  transport_->answer_all(FakeTransport::status(200));

  try {
    auto workflow = observe("workflow");
    run_with_flush([] {
      auto step = observe("step");
      throw std::runtime_error("the step failed");
    });
  } catch (const std::runtime_error&) {
    // the workflow is still open when the step's flush ran
  }

  const std::vector<FakeTransport::Request> requests = transport_->requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_NE(requests[0].body.find("step"), std::string::npos);
  EXPECT_NE(requests[0].body.find("ERROR"), std::string::npos);
}

// The child flushes its first step, says so, and waits in the middle of its workflow.
TEST(FlushedStep, IsVisibleWhileItsWorkflowRunsAndAfterItWasKilled) {
  langfuse_receiver::Server receiver({});
  receiver.start(0);
  testing::ChildProcess child({LANGFUSE_EXIT_PROGRAM, "step-then-wait"},
                              {{"LANGFUSE_BASE_URL", receiver.url()},
                               {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                               {"LANGFUSE_SECRET_KEY", "sk-lf-local"}});
  ASSERT_EQ(child.read_line(), "ready");
  EXPECT_EQ(receiver.observation_count(), 1);

  child.send(SIGKILL);
  const int status = child.wait();

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(receiver.observation_count(), 1);
}

}  // namespace
}  // namespace langfuse::internal

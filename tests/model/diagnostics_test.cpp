#include "model/diagnostics.h"

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;
using Severity = Diagnostic::Severity;

class HandClock : public TimeSource {
 public:
  SteadyTime now() const noexcept override { return now_; }
  void advance(std::chrono::milliseconds time) { now_ += time; }

 private:
  SteadyTime now_{std::chrono::hours(1)};
};

class DiagnosticsTest : public ::testing::Test {
 protected:
  ~DiagnosticsTest() override { configure_diagnostics({}); }

  // Configures with `secret` and a callback that keeps what it gets.
  void keep_messages(const std::string& secret = "") {
    DiagnosticsOptions options;
    options.secret = secret;
    options.on_error = [this](const Diagnostic& diagnostic) {
      messages_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(options));
  }

  void write_to_stderr(bool debug = false) {
    DiagnosticsOptions options;
    options.time = &clock_;
    options.debug = debug;
    configure_diagnostics(std::move(options));
    CaptureStderr();
  }

  HandClock clock_;
  std::vector<std::string> messages_;
};

TEST_F(DiagnosticsTest, ALineOnStderrBeginsWithTheLibraryAndTheLevel) {
  for (const auto& [severity, word] : {std::pair(Severity::info, "info"),
                                       {Severity::warning, "warning"},
                                       {Severity::error, "error"}}) {
    write_to_stderr();

    report(severity, "something happened");

    EXPECT_EQ(GetCapturedStderr(), std::string("langfuse: ") + word + ": something happened\n");
  }
}

TEST_F(DiagnosticsTest, StderrGetsOneLineASecondAndTheCountOfTheOthers) {
  write_to_stderr();

  report(Severity::warning, "first");
  report(Severity::warning, "second");
  clock_.advance(std::chrono::milliseconds(999));
  report(Severity::error, "third");
  clock_.advance(std::chrono::milliseconds(1));
  report(Severity::warning, "fourth");
  clock_.advance(std::chrono::milliseconds(1000));
  report(Severity::warning, "fifth");

  EXPECT_EQ(GetCapturedStderr(),
            "langfuse: warning: first\n"
            "langfuse: warning: fourth (2 more before this)\n"
            "langfuse: warning: fifth\n");
}

// No later line would count it. It comes right behind the trouble where nothing is waited for.
TEST_F(DiagnosticsTest, WhatIsSaidLastIsWrittenHoweverShortAgoTheLineBeforeItWas) {
  write_to_stderr();

  report(Severity::error, "the keys are refused");
  report(Severity::warning, "something else");
  report_last(Severity::warning, "shutdown: delivered 0 of 3");

  EXPECT_EQ(GetCapturedStderr(),
            "langfuse: error: the keys are refused\n"
            "langfuse: warning: shutdown: delivered 0 of 3 (1 more before this)\n");
}

TEST_F(DiagnosticsTest, OnErrorGetsEveryMessageAndStderrNone) {
  keep_messages();
  CaptureStderr();

  report(Severity::warning, "first");
  report(Severity::warning, "second");

  EXPECT_EQ(GetCapturedStderr(), "");
  EXPECT_THAT(messages_, ElementsAre("first", "second"));
}

TEST_F(DiagnosticsTest, OnErrorGetsTheSeverity) {
  Severity severity = Severity::info;
  DiagnosticsOptions options;
  options.on_error = [&severity](const Diagnostic& diagnostic) { severity = diagnostic.severity; };
  configure_diagnostics(std::move(options));

  report(Severity::error, "bad");

  EXPECT_EQ(severity, Severity::error);
}

TEST_F(DiagnosticsTest, WhatOnErrorReportsItselfIsIgnored) {
  DiagnosticsOptions options;
  options.debug = true;
  options.on_error = [this](const Diagnostic& diagnostic) {
    messages_.emplace_back(diagnostic.message);
    report(Severity::error, "again");
    report_debug("again");
  };
  configure_diagnostics(std::move(options));

  report(Severity::error, "once");

  EXPECT_THAT(messages_, ElementsAre("once"));
}

TEST_F(DiagnosticsTest, WhatOnErrorThrowsIsIgnored) {
  int calls = 0;
  DiagnosticsOptions options;
  options.on_error = [&calls](const Diagnostic&) {
    ++calls;
    throw std::runtime_error("no");
  };
  configure_diagnostics(std::move(options));

  report(Severity::error, "one");
  report(Severity::error, "two");

  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(in_library());
}

TEST_F(DiagnosticsTest, OnErrorRunsInsideTheLibrary) {
  bool was_inside = false;
  DiagnosticsOptions options;
  options.on_error = [&was_inside](const Diagnostic&) { was_inside = in_library(); };
  configure_diagnostics(std::move(options));

  report(Severity::error, "one");

  EXPECT_TRUE(was_inside);
  EXPECT_FALSE(in_library());
}

TEST_F(DiagnosticsTest, OnErrorMayReplaceItself) {
  DiagnosticsOptions options;
  options.on_error = [this](const Diagnostic&) { keep_messages(); };
  configure_diagnostics(std::move(options));

  report(Severity::error, "to the first");
  report(Severity::error, "to the second");

  EXPECT_THAT(messages_, ElementsAre("to the second"));
}

TEST_F(DiagnosticsTest, OnErrorIsCalledByOneThreadAtATime) {
  constexpr int threads = 4;
  constexpr int reports = 500;
  keep_messages();

  std::vector<std::thread> reporters;
  for (int i = 0; i < threads; ++i) {
    reporters.emplace_back([] {
      for (int k = 0; k < reports; ++k) report(Severity::warning, "message");
    });
  }
  for (std::thread& reporter : reporters) reporter.join();

  EXPECT_EQ(messages_.size(), std::size_t{threads * reports});
}

// Nobody waits for a thread that is in `on_error`, however long it stays there.
TEST_F(DiagnosticsTest, WhoReportsWhileAnotherThreadIsInOnErrorGoesOnAndIsToldOf) {
  std::promise<void> others_are_done;
  std::future<void> until_then = others_are_done.get_future();
  std::promise<void> is_inside;
  bool is_first = true;
  DiagnosticsOptions options;
  options.on_error = [&](const Diagnostic& diagnostic) {
    messages_.emplace_back(diagnostic.message);
    if (!std::exchange(is_first, false)) return;
    is_inside.set_value();
    until_then.wait();
  };
  configure_diagnostics(std::move(options));

  std::thread slow([] { report(Severity::warning, "slow"); });
  is_inside.get_future().wait();
  report(Severity::warning, "second");
  report(Severity::warning, "third");
  others_are_done.set_value();
  slow.join();

  EXPECT_THAT(messages_, ElementsAre("slow", "second", "third"));
}

TEST_F(DiagnosticsTest, WhatNobodyTakesOutOfOnErrorIsBoundedAndCounted) {
  std::promise<void> others_are_done;
  std::future<void> until_then = others_are_done.get_future();
  std::promise<void> is_inside;
  bool is_first = true;
  DiagnosticsOptions options;
  options.on_error = [&](const Diagnostic& diagnostic) {
    messages_.emplace_back(diagnostic.message);
    if (!std::exchange(is_first, false)) return;
    is_inside.set_value();
    until_then.wait();
  };
  configure_diagnostics(std::move(options));

  std::thread slow([] { report(Severity::warning, "slow"); });
  is_inside.get_future().wait();
  for (int i = 0; i < 5000; ++i) report(Severity::warning, "many");
  others_are_done.set_value();
  slow.join();

  ASSERT_EQ(messages_.size(), 1U + 4096U + 1U);
  EXPECT_EQ(messages_.back(), "904 more messages came while on_error was called");
}

TEST_F(DiagnosticsTest, OnErrorOutlivesTheCallInWhichAnotherThreadReplacesIt) {
  const auto kept = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = kept;
  std::promise<void> is_replaced;
  std::future<void> until_then = is_replaced.get_future();
  std::promise<void> is_inside;
  long owners_inside = 0;
  DiagnosticsOptions options;
  options.on_error = [&, mine = kept](const Diagnostic&) {
    is_inside.set_value();
    until_then.wait();
    owners_inside = mine.use_count();
  };
  configure_diagnostics(std::move(options));

  std::thread slow([] { report(Severity::warning, "slow"); });
  is_inside.get_future().wait();
  configure_diagnostics({});
  is_replaced.set_value();
  slow.join();

  EXPECT_EQ(owners_inside, 2);
  EXPECT_EQ(watched.use_count(), 1) << "and is freed after it";
}

TEST_F(DiagnosticsTest, TheDetailFollowsTheMessage) {
  keep_messages("sk-lf-hidden");

  report(Severity::warning, "init: ", "no sk-lf-hidden");

  EXPECT_THAT(messages_, ElementsAre("init: no ********"));
}

TEST_F(DiagnosticsTest, ControlCharactersAreEscaped) {
  keep_messages();

  report(Severity::warning, std::string_view("a\nb\rc\x1b[31md\x7f\0e", 14));

  EXPECT_THAT(messages_, ElementsAre("a\\nb\\x0dc\\x1b[31md\\x7f\\x00e"));
}

TEST_F(DiagnosticsTest, LongMessagesAreCutAtACharacterBoundary) {
  keep_messages();
  std::string message(1020, 'a');
  message += "\xe2\x82\xac and more";

  report(Severity::warning, message);
  report(Severity::warning, std::string(1024, 'b'));

  EXPECT_THAT(messages_, ElementsAre(std::string(1020, 'a') + "...", std::string(1024, 'b')));
}

TEST_F(DiagnosticsTest, TheSecretIsBlottedOutWhereverItOccurs) {
  keep_messages("sk-lf-hidden");

  report(Severity::warning, "sk-lf-hidden: bad key sk-lf-hiddensk-lf-hidden");

  EXPECT_THAT(messages_, ElementsAre("********: bad key ****************"));
}

TEST_F(DiagnosticsTest, TheSecretIsBlottedOutOfBasicTokensOfEveryAlignment) {
  keep_messages("sk-lf-hidden");

  // base64 of "pk:sk-lf-hidden", "pk1:sk-lf-hidden", "pk12:sk-lf-hidden" and the secret alone.
  report(Severity::warning, "Basic cGs6c2stbGYtaGlkZGVu.");
  report(Severity::warning, "Basic cGsxOnNrLWxmLWhpZGRlbg==.");
  report(Severity::warning, "Basic cGsxMjpzay1sZi1oaWRkZW4=.");
  report(Severity::warning, "Basic c2stbGYtaGlkZGVu.");

  EXPECT_THAT(messages_, ElementsAre("Basic ********.", "Basic ********.", "Basic ********.",
                                     "Basic ********."));
}

TEST_F(DiagnosticsTest, AShortOrNoSecretLeavesMessagesReadable) {
  keep_messages("");

  report(Severity::warning, "all is said");

  EXPECT_THAT(messages_, ElementsAre("all is said"));
}

TEST_F(DiagnosticsTest, DebugLinesAreWrittenOnlyWhenAskedForAndNotLimited) {
  write_to_stderr(false);
  report_debug("silent");
  EXPECT_EQ(GetCapturedStderr(), "");
  EXPECT_FALSE(is_debugging());

  write_to_stderr(true);
  report_debug("one");
  report_debug("two");
  report(Severity::warning, "limited on its own");
  EXPECT_EQ(GetCapturedStderr(),
            "langfuse: debug: one\nlangfuse: debug: two\nlangfuse: warning: limited on its own\n");
  EXPECT_TRUE(is_debugging());
}

TEST(LibraryScope, NestsAndBelongsToItsThread) {
  const LibraryScope outer;
  { const LibraryScope inner; }
  bool is_other_inside = true;

  std::thread([&is_other_inside] { is_other_inside = in_library(); }).join();

  EXPECT_TRUE(in_library());
  EXPECT_FALSE(is_other_inside);
}

}  // namespace
}  // namespace langfuse::internal

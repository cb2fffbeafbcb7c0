// `diagnose` against a receiver that is in order: without a client, and through the running one.
#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "langfuse/config.h"
#include "langfuse/diagnose.h"
#include "pipeline/client.h"
#include "pipeline/remarks.h"
#include "receiver/server.h"
#include "tests/support/environment.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;

class DiagnoseReceiverTest : public EnvironmentTest {
 protected:
  DiagnoseReceiverTest() {
    receiver_.start();
    set("LANGFUSE_BASE_URL", receiver_.url());
    set("LANGFUSE_PUBLIC_KEY", "pk-lf-local");
    set("LANGFUSE_SECRET_KEY", "sk-lf-local");
    set("LANGFUSE_TRACING_ENVIRONMENT", "staging");
  }
  ~DiagnoseReceiverTest() override {
    shutdown();
    Client::forget();
  }

  static std::string complaints(const Diagnosis& diagnosis) {
    std::string text;
    for (const Check& check : diagnosis.checks) {
      if (check.status == CheckStatus::failed || check.status == CheckStatus::warning) {
        text += std::string(to_string(check.number)) + ": " + check.seen + "\n";
      }
    }
    return text;
  }

  langfuse_receiver::Server receiver_{{}};
};

TEST_F(DiagnoseReceiverTest, BeforeInitTheCanaryIsSentDirectlyAndReadBack) {
  const Diagnosis diagnosis = diagnose(Config{}, seconds(30));

  EXPECT_EQ(complaints(diagnosis), "");
  EXPECT_TRUE(diagnosis.ok());
  EXPECT_EQ(diagnosis.checks.back().status, CheckStatus::ok);
  EXPECT_EQ(receiver_.observation_count(), 1);
  EXPECT_EQ(diagnosis.project, "Local receiver");
  EXPECT_EQ(diagnosis.organization, "Local");
  EXPECT_EQ(diagnosis.environment, "staging");
  EXPECT_NE(diagnosis.server_version, "");
  EXPECT_NE(diagnosis.canary_url.find("/traces/" + diagnosis.canary_trace_id), std::string::npos);
}

TEST_F(DiagnoseReceiverTest, ARunningClientSendsTheCanaryItself) {
  ASSERT_FALSE(init());

  const Diagnosis diagnosis = diagnose(seconds(30));

  EXPECT_EQ(complaints(diagnosis), "");
  EXPECT_EQ(stats().delivered, 1u);
  EXPECT_EQ(receiver_.observation_count(), 1);
}

// What `attach()` captures is a remark of check 2, and a warning where lines are known to be
// missed.
TEST_F(DiagnoseReceiverTest, OfARunningClientSaysWhatIsRemarked) {
  ASSERT_FALSE(init());
  const auto enabled_with = [](RemarkSource source) {
    set_remark_source(source);
    const Diagnosis diagnosis = diagnose(seconds(30));
    set_remark_source(nullptr);
    EXPECT_TRUE(diagnosis.ok());
    return diagnosis.checks.at(static_cast<std::size_t>(CheckNumber::enabled) - 1);
  };
  const std::string settings = "sample rate 1, environment \"staging\"";

  const Check silent = enabled_with([] { return Remark(); });
  EXPECT_EQ(silent.seen, settings);
  EXPECT_EQ(silent.status, CheckStatus::ok);

  const Check seen = enabled_with([] { return Remark{"attached: logger 'app'", ""}; });
  EXPECT_EQ(seen.seen, settings + "; attached: logger 'app'");
  EXPECT_EQ(seen.status, CheckStatus::ok);
  EXPECT_EQ(seen.advice, "");

  const Check missed = enabled_with([] { return Remark{"a pointer is still held", "use it not"}; });
  EXPECT_EQ(missed.seen, settings + "; a pointer is still held");
  EXPECT_EQ(missed.status, CheckStatus::warning);
  EXPECT_EQ(missed.advice, "use it not");
}

// It is about the running process: not about settings that are only given.
TEST_F(DiagnoseReceiverTest, OfGivenSettingsRemarksNothing) {
  ASSERT_FALSE(init());
  set_remark_source([] { return Remark{"attached: logger 'app'", "advice"}; });
  const Diagnosis diagnosis = diagnose(Config{}, seconds(30));
  set_remark_source(nullptr);

  EXPECT_EQ(complaints(diagnosis), "");
}

TEST_F(DiagnoseReceiverTest, TheNextFlushStillReportsEachRecord) {
  ASSERT_FALSE(init());

  diagnose(seconds(30));

  EXPECT_EQ(flush().delivered, 1u);
}

TEST_F(DiagnoseReceiverTest, ASampleRateOfNothingDoesNotStopTheCanary) {
  set("LANGFUSE_SAMPLE_RATE", "0");
  ASSERT_FALSE(init());

  const Diagnosis diagnosis = diagnose(seconds(30));

  EXPECT_EQ(complaints(diagnosis), "enabled: sample rate 0, environment \"staging\"\n");
  EXPECT_EQ(diagnosis.sample_rate, 0);
  EXPECT_EQ(receiver_.observation_count(), 1);
}

TEST_F(DiagnoseReceiverTest, OnTheBackgroundThreadTheCanaryIsSkipped) {
  Config config;
  Diagnosis inside;
  config.on_drop = [&inside](DropReason, std::uint64_t) { inside = diagnose(seconds(30)); };
  ASSERT_FALSE(init(config));
  Client::current()->counters().dropped.add(DropReason::too_large);

  flush(seconds(60));

  ASSERT_EQ(inside.checks.size(), static_cast<std::size_t>(check_count));
  EXPECT_EQ(inside.checks.back().status, CheckStatus::skipped);
  EXPECT_EQ(receiver_.observation_count(), 0);
}

TEST_F(DiagnoseReceiverTest, AConfigurationIsCheckedBesideTheRunningClient) {
  ASSERT_FALSE(init());
  Config config;
  config.secret_key = "sk-lf-wrong";

  const Diagnosis diagnosis = diagnose(config, seconds(30));

  EXPECT_EQ(diagnosis.first_failed(), 9);
  EXPECT_EQ(stats().submitted, 0u);
}

}  // namespace
}  // namespace langfuse::internal

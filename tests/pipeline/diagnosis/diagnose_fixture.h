// What the tests of the diagnosis share, whichever check they are about.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "langfuse/config.h"
#include "langfuse/diagnose.h"
#include "tests/support/environment.h"
#include "tests/support/fault_server.h"

namespace langfuse::internal {

class DiagnoseTest : public EnvironmentTest {
 protected:
  using End = FaultServer::Step::End;

  static FaultServer::Step health(const std::string& version,
                                  const std::vector<std::string>& headers = {}) {
    return FaultServer::reply(200, R"({"status":"OK","version":")" + version + "\"}", headers);
  }

  static Config config_for(const std::string& url) {
    Config config;
    config.public_key = "pk-lf-1";
    config.secret_key = "sk-lf-hidden";
    config.base_url = url;
    return config;
  }

  // Far longer than anything takes that does not hang.
  static Diagnosis diagnose_server(const FaultServer& server) {
    return diagnose(config_for(server.url()), std::chrono::seconds(30));
  }

  static const Check& check(const Diagnosis& diagnosis, CheckNumber number) {
    return diagnosis.checks.at(static_cast<std::size_t>(number) - 1);
  }

  // "1 ok", "2 failed" and so on, as far as `last`.
  static std::vector<std::string> statuses(const Diagnosis& diagnosis) {
    std::vector<std::string> result;
    for (const Check& each : diagnosis.checks) {
      result.push_back(std::to_string(static_cast<int>(each.number)) + " " +
                       to_string(each.status));
    }
    return result;
  }

  // That `number` is the first that failed, and everything behind it was skipped because of it.
  static void expect_ended_at(const Diagnosis& diagnosis, CheckNumber number) {
    ASSERT_EQ(diagnosis.checks.size(), static_cast<std::size_t>(check_count));
    EXPECT_EQ(diagnosis.first_failed(), static_cast<int>(number));
    EXPECT_FALSE(diagnosis.ok());
    EXPECT_NE(check(diagnosis, number).advice, "");
    for (const Check& each : diagnosis.checks) {
      if (each.number <= number) continue;
      EXPECT_EQ(each.status, CheckStatus::skipped) << to_string(each.number);
      EXPECT_EQ(each.seen, "check " + std::to_string(static_cast<int>(number)) + " (" +
                               to_string(number) + ") failed");
    }
  }
};

}  // namespace langfuse::internal

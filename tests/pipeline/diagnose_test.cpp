// What `diagnose` says of servers that are wrong in one way each.
#include "langfuse/diagnose.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "langfuse/config.h"
#include "pipeline/client.h"
#include "tests/support/environment.h"
#include "tests/support/fault_server.h"
#include "tests/support/tls_server.h"

namespace langfuse::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using End = FaultServer::Step::End;

const std::string project =
    R"({"data":[{"id":"p1","name":"Mail","organization":{"id":"o1","name":"Ada"}}]})";

// As a header wants it.
std::string http_date(std::time_t time) {
  std::tm parts = {};
  gmtime_r(&time, &parts);
  char text[64];
  std::strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

FaultServer::Step health(const std::string& version, const std::vector<std::string>& headers = {}) {
  return FaultServer::reply(200, R"({"status":"OK","version":")" + version + "\"}", headers);
}

class DiagnoseTest : public EnvironmentTest {
 protected:
  static Config config_for(const std::string& url) {
    Config config;
    config.public_key = "pk-lf-1";
    config.secret_key = "sk-lf-hidden";
    config.base_url = url;
    return config;
  }

  // Far longer than anything takes that does not hang.
  static Diagnosis diagnose_server(const FaultServer& server) {
    return diagnose(config_for(server.url()), seconds(30));
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

TEST_F(DiagnoseTest, WithoutKeysNothingIsAsked) {
  FaultServer server;
  set("LANGFUSE_BASE_URL", server.url());

  const Diagnosis diagnosis = diagnose();

  EXPECT_EQ(statuses(diagnosis),
            (std::vector<std::string>{"1 ok", "2 failed", "3 ok", "4 skipped", "5 skipped",
                                      "6 skipped", "7 skipped", "8 skipped", "9 skipped",
                                      "10 skipped", "11 skipped", "12 skipped"}));
  EXPECT_EQ(check(diagnosis, CheckNumber::enabled).seen,
            "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are not set");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DiagnoseTest, TheEnvironmentSaysWhichVariableWonAndHidesTheSecret) {
  set("LANGFUSE_HOST", "http://127.0.0.1:1");
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-shown");
  set("LANGFUSE_SECRET_KEY", "sk-lf-hidden");
  set("LANGFUSE_FLUSH_AT", "many");

  const Diagnosis diagnosis = diagnose();

  const Check& environment = check(diagnosis, CheckNumber::environment);
  EXPECT_EQ(environment.status, CheckStatus::warning);
  EXPECT_THAT(environment.seen,
              AllOf(HasSubstr("base_url = http://127.0.0.1:1 (LANGFUSE_HOST)"),
                    HasSubstr("public_key = pk-lf-shown (LANGFUSE_PUBLIC_KEY)"),
                    HasSubstr("secret_key = ******** (LANGFUSE_SECRET_KEY)"),
                    HasSubstr("LANGFUSE_FLUSH_AT is \"many\""), Not(HasSubstr("sk-lf-hidden"))));
}

TEST_F(DiagnoseTest, AMalformedAddressIsNoAddress) {
  const Diagnosis diagnosis = diagnose(config_for("ftp://somewhere"));

  EXPECT_EQ(diagnosis.first_failed(), 2);
  EXPECT_EQ(check(diagnosis, CheckNumber::address).status, CheckStatus::failed);
}

TEST_F(DiagnoseTest, AProcessThatDidNotInitIsToldSo) {
  FaultServer server;
  set("LANGFUSE_BASE_URL", server.url());
  set("LANGFUSE_PUBLIC_KEY", "pk-lf-1");
  set("LANGFUSE_SECRET_KEY", "sk-lf-2");

  const Check enabled = check(diagnose(), CheckNumber::enabled);

  EXPECT_EQ(enabled.status, CheckStatus::warning);
  EXPECT_THAT(enabled.seen, HasSubstr("init() was not called"));
}

TEST_F(DiagnoseTest, ANameThatDoesNotExistIsTheNamesFault) {
  const Diagnosis diagnosis = diagnose(config_for("https://nothing.invalid"));

  expect_ended_at(diagnosis, CheckNumber::dns);
  EXPECT_THAT(check(diagnosis, CheckNumber::dns).seen, HasSubstr("nothing.invalid"));
}

TEST_F(DiagnoseTest, APortWithoutAServerIsTheConnectionsFault) {
  const std::string port = std::to_string(closed_port());

  const Diagnosis diagnosis = diagnose(config_for("http://127.0.0.1:" + port));

  expect_ended_at(diagnosis, CheckNumber::tcp);
  EXPECT_THAT(check(diagnosis, CheckNumber::tcp).seen, HasSubstr(port));
}

TEST_F(DiagnoseTest, ACertificateThatNobodySignedIsTlssFault) {
  const langfuse_test::TlsServer server;

  const Diagnosis diagnosis = diagnose(config_for(server.url("localhost")));

  expect_ended_at(diagnosis, CheckNumber::tls);
  EXPECT_THAT(check(diagnosis, CheckNumber::tls).seen, HasSubstr("certificate"));
}

TEST_F(DiagnoseTest, ATrustedCertificateIsNamedWithItsRemainingDays) {
  const std::string file = std::filesystem::temp_directory_path() /
                           ("langfuse-diagnose-" + std::to_string(getpid()) + ".pem");
  const langfuse_test::TlsServer server(24L * 60 * 60 * 7 + 3600);
  server.write_certificate(file);
  Config config = config_for(server.url("localhost"));
  config.ca_file = file;

  const Diagnosis right_host = diagnose(config);
  config.base_url = server.url("127.0.0.1");
  const Diagnosis wrong_host = diagnose(config);

  std::filesystem::remove(file);
  EXPECT_EQ(check(right_host, CheckNumber::tls).status, CheckStatus::warning);
  EXPECT_EQ(check(right_host, CheckNumber::tls).seen,
            "the certificate is valid for 7 days, issued by CN = localhost");
  expect_ended_at(wrong_host, CheckNumber::tls);
  EXPECT_THAT(check(wrong_host, CheckNumber::tls).seen, HasSubstr("127.0.0.1"));
}

TEST_F(DiagnoseTest, ACertificateThatHasExpiredIsTlssFault) {
  const std::string file = std::filesystem::temp_directory_path() /
                           ("langfuse-diagnose-" + std::to_string(getpid()) + ".pem");
  const langfuse_test::TlsServer server(-3600);
  server.write_certificate(file);
  Config config = config_for(server.url("localhost"));
  config.ca_file = file;

  const Diagnosis diagnosis = diagnose(config);

  std::filesystem::remove(file);
  expect_ended_at(diagnosis, CheckNumber::tls);
  EXPECT_THAT(check(diagnosis, CheckNumber::tls).seen, HasSubstr("expired"));
}

TEST_F(DiagnoseTest, HttpsToAPlainServerIsTlssFault) {
  FaultServer server;
  server.script(FaultServer::bytes("HTTP/1.1 400 Bad Request\r\n\r\n", End::close));

  // The client's first bytes are no HTTP, so the server waits until we give up.
  const Diagnosis diagnosis =
      diagnose(config_for("https" + server.url().substr(4)), milliseconds(300));

  expect_ended_at(diagnosis, CheckNumber::tls);
}

TEST_F(DiagnoseTest, AServerThatHangsIsLeftAtTheDeadline) {
  FaultServer server;
  server.script(FaultServer::bytes("", End::hang));
  const auto began = steady_clock::now();

  const Diagnosis diagnosis = diagnose(config_for(server.url()), milliseconds(200));

  const auto took = steady_clock::now() - began;
  EXPECT_GE(took, milliseconds(150));
  EXPECT_LT(took, seconds(4));  // before the time limit of one request
  expect_ended_at(diagnosis, CheckNumber::health);
  EXPECT_THAT(check(diagnosis, CheckNumber::health).seen, HasSubstr("timed out"));
}

TEST_F(DiagnoseTest, WithoutTimeNothingIsAskedAndAllChecksAreThere) {
  FaultServer server;

  const Diagnosis diagnosis = diagnose(config_for(server.url()), seconds(0));

  expect_ended_at(diagnosis, CheckNumber::dns);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(DiagnoseTest, WhatIsNotLangfuseIsNamed) {
  for (const FaultServer::Step& step :
       {FaultServer::reply(404, "<html>", {"Content-Type: text/html"}),
        FaultServer::reply(200, "<html>", {"Content-Type: text/html"}),
        FaultServer::reply(200, "{}"),
        FaultServer::reply(307, "", {"Location: https://elsewhere.test/login"}),
        FaultServer::bytes("SSH-2.0-OpenSSH_9.2\r\n", End::close)}) {
    FaultServer server;
    server.script(step);

    const Diagnosis diagnosis = diagnose_server(server);

    expect_ended_at(diagnosis, CheckNumber::health);
    for (const FaultServer::Request& request : server.requests()) {
      EXPECT_EQ(request.header("Authorization"), "(none)") << "no keys go to a stranger";
    }
  }
}

TEST_F(DiagnoseTest, ACollectorTakesTheCanaryAndCannotBeAskedForIt) {
  const FaultServer::Step taken =
      FaultServer::reply(200, "", {"Content-Type: application/x-protobuf"});
  FaultServer server;
  server.script(FaultServer::reply(404, "404 page not found", {"Content-Type: text/plain"}));
  server.script(taken);                    // the export of nothing
  server.script(FaultServer::reply(200));  // the announced body
  server.script(taken);                    // the canary
  Config config = config_for(server.url());
  config.traces_export_path = "/v1/traces";

  const Diagnosis diagnosis = diagnose(config, seconds(30));

  EXPECT_TRUE(diagnosis.ok());
  EXPECT_EQ(check(diagnosis, CheckNumber::health).status, CheckStatus::warning);
  EXPECT_THAT(check(diagnosis, CheckNumber::health).seen, HasSubstr("Collector"));
  EXPECT_EQ(check(diagnosis, CheckNumber::authentication).status, CheckStatus::skipped);
  EXPECT_EQ(check(diagnosis, CheckNumber::canary).status, CheckStatus::warning);
  EXPECT_EQ(check(diagnosis, CheckNumber::canary).seen,
            "the collector took it: trace " + diagnosis.canary_trace_id);
  EXPECT_EQ(diagnosis.canary_url, "");
  const std::vector<FaultServer::Request> requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[1].line, "POST /v1/traces HTTP/1.1");
  EXPECT_EQ(requests[1].body, "");
  EXPECT_EQ(requests[1].header("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(requests[1].header("Authorization"), "(none)") << "it may be a stranger";
}

TEST_F(DiagnoseTest, AServerThatIsNotInOrderIsNamed) {
  FaultServer server;
  server.script(FaultServer::reply(503, R"({"status":"error","version":"4.16.0"})"));

  const Diagnosis diagnosis = diagnose_server(server);

  expect_ended_at(diagnosis, CheckNumber::health);
  EXPECT_EQ(diagnosis.server_version, "4.16.0");
}

TEST_F(DiagnoseTest, AnOldServerIsUsedWithAWarningAndAVeryOldOneIsNot) {
  FaultServer old;
  old.script(health("3.60.0"));
  FaultServer very_old;
  very_old.script(health("2.95.0"));

  const Diagnosis warned = diagnose_server(old);
  const Diagnosis refused = diagnose_server(very_old);

  EXPECT_EQ(check(warned, CheckNumber::health).status, CheckStatus::warning);
  EXPECT_THAT(check(warned, CheckNumber::health).seen, HasSubstr("shown as span"));
  expect_ended_at(refused, CheckNumber::health);
}

TEST_F(DiagnoseTest, WrongKeysAreNamedWithTheRegions) {
  FaultServer server;
  server.script(health("4.16.0"));
  server.script(FaultServer::reply(401, R"({"message":"Invalid credentials"})"));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(diagnosis.first_failed(), 9);
  EXPECT_THAT(check(diagnosis, CheckNumber::authentication).advice,
              HasSubstr("keys belong to one region"));
  EXPECT_EQ(check(diagnosis, CheckNumber::canary).status, CheckStatus::skipped);
  EXPECT_EQ(check(diagnosis, CheckNumber::canary).seen, "check 9 (authentication) failed");
  EXPECT_EQ(check(diagnosis, CheckNumber::body_limit).status, CheckStatus::ok);
}

TEST_F(DiagnoseTest, KeysOfAnOrganizationAreNotThoseOfAProject) {
  FaultServer server;
  server.script(health("4.16.0"));
  server.script(FaultServer::reply(403, R"({"message":"Access denied"})"));

  const Check authentication = check(diagnose_server(server), CheckNumber::authentication);

  EXPECT_EQ(authentication.status, CheckStatus::failed);
  EXPECT_THAT(authentication.advice, HasSubstr("organization"));
}

TEST_F(DiagnoseTest, AClockThatIsWrongIsMeasured) {
  FaultServer server;
  server.script(health("4.16.0", {http_date(std::time(nullptr) - 3600)}));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(check(diagnosis, CheckNumber::clock).status, CheckStatus::warning);
  EXPECT_TRUE(diagnosis.has_clock_skew);
  EXPECT_NEAR(static_cast<double>(diagnosis.clock_skew_seconds), -3600, 3);
}

TEST_F(DiagnoseTest, AClockThatIsRightAgrees) {
  FaultServer server;
  server.script(health("4.16.0", {http_date(std::time(nullptr))}));

  EXPECT_EQ(check(diagnose_server(server), CheckNumber::clock).status, CheckStatus::ok);
}

TEST_F(DiagnoseTest, AFullBatchThatIsRefusedIsAWarningAndTheKeysAreNotShown) {
  FaultServer server;
  server.script(health("4.16.0"));
  server.script(FaultServer::reply(401));
  server.script(FaultServer::reply(413, "<html>"));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(check(diagnosis, CheckNumber::body_limit).status, CheckStatus::warning);
  EXPECT_THAT(check(diagnosis, CheckNumber::body_limit).seen, HasSubstr("4000000 bytes"));
  ASSERT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(server.requests()[2].header("Content-Length"), "4000000");
  EXPECT_EQ(server.requests()[2].header("Authorization"), "(none)");
}

TEST_F(DiagnoseTest, ACanaryThatIsNotReadableYetIsNoFailure) {
  FaultServer server;
  server.script(health("4.16.0"));
  server.script(FaultServer::reply(200, project));

  const Diagnosis diagnosis = diagnose(config_for(server.url()), milliseconds(2500));

  EXPECT_TRUE(diagnosis.ok());
  EXPECT_EQ(check(diagnosis, CheckNumber::canary).status, CheckStatus::warning);
  EXPECT_THAT(check(diagnosis, CheckNumber::canary).seen,
              StartsWith("sent, not yet visible (up to 30 s on the cloud)"));
  EXPECT_EQ(diagnosis.project, "Mail");
  EXPECT_EQ(diagnosis.organization, "Ada");
  EXPECT_EQ(diagnosis.canary_url, server.url("/project/p1/traces/" + diagnosis.canary_trace_id));
}

TEST_F(DiagnoseTest, ACanaryThatIsRefusedIsAFailureInTheServersWords) {
  FaultServer server;
  server.script(health("4.16.0"));
  server.script(FaultServer::reply(200, project));
  server.script(FaultServer::reply(200));  // the announced body
  server.script(FaultServer::reply(403, "Ingestion suspended, sk-lf-hidden"));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(diagnosis.first_failed(), 12);
  EXPECT_EQ(check(diagnosis, CheckNumber::canary).seen,
            "not delivered: status 403 Ingestion suspended, ********");
}

TEST_F(DiagnoseTest, Version3IsReadBackAsATrace) {
  FaultServer server;
  server.script(health("3.150.0"));
  server.script(FaultServer::reply(200, project));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(check(diagnosis, CheckNumber::canary).status, CheckStatus::ok);
  EXPECT_EQ(server.requests().back().line,
            "GET /api/public/traces/" + diagnosis.canary_trace_id + " HTTP/1.1");
}

TEST_F(DiagnoseTest, AProxyThatIsNotThereIsNamedWhereTheConnectionFails) {
  const std::string port = std::to_string(closed_port());
  set("http_proxy", "http://ada:secret@127.0.0.1:" + port);

  const Diagnosis diagnosis = diagnose(config_for("http://langfuse.test"));

  expect_ended_at(diagnosis, CheckNumber::tcp);
  EXPECT_THAT(
      check(diagnosis, CheckNumber::tcp).advice,
      AllOf(HasSubstr("http_proxy is \"127.0.0.1:" + port + "\""), Not(HasSubstr("secret"))));
}

TEST_F(DiagnoseTest, AProxyThatRefusesIsTheProxysFault) {
  FaultServer proxy;
  proxy.script(FaultServer::reply(407));
  set("https_proxy", proxy.url());

  const Diagnosis diagnosis = diagnose(config_for("https://langfuse.test"));

  expect_ended_at(diagnosis, CheckNumber::proxy);
  EXPECT_THAT(check(diagnosis, CheckNumber::proxy).seen, HasSubstr("https_proxy is"));
  EXPECT_EQ(proxy.requests().at(0).line, "CONNECT langfuse.test:443 HTTP/1.1");
}

TEST_F(DiagnoseTest, AProxyThatWorksIsNamed) {
  FaultServer proxy;
  proxy.script(health("4.16.0"));
  set("http_proxy", proxy.url());

  const Check seen =
      check(diagnose(config_for("http://langfuse.test"), seconds(1)), CheckNumber::proxy);

  EXPECT_EQ(seen.status, CheckStatus::ok);
  EXPECT_THAT(seen.seen, HasSubstr("the connection went to " + proxy.url().substr(7)));
}

TEST_F(DiagnoseTest, AProxyIsNotAskedForThisMachine) {
  FaultServer server;
  server.script(health("4.16.0"));
  set("http_proxy", "http://127.0.0.1:" + std::to_string(closed_port()));

  const Diagnosis diagnosis = diagnose_server(server);

  EXPECT_EQ(check(diagnosis, CheckNumber::tcp).status, CheckStatus::ok);
  EXPECT_THAT(check(diagnosis, CheckNumber::proxy).seen, HasSubstr("not asked for this machine"));
}

}  // namespace
}  // namespace langfuse::internal

// What `diagnose` says of servers that are wrong in one way each.
#include "langfuse/diagnose.h"

#include <gmock/gmock.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include "tests/pipeline/diagnosis/diagnose_fixture.h"
#include "tests/support/fault_server.h"

namespace langfuse::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

}  // namespace
}  // namespace langfuse::internal

#include "http/curl_probe.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "tests/support/environment.h"
#include "tests/support/fault_server.h"

namespace langfuse::internal {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using End = FaultServer::Step::End;

class CurlProbeTest : public EnvironmentTest {
 protected:
  CurlProbeTest() {
    EXPECT_TRUE(initialise_curl());
    options_.user = "pk-lf-1";
    options_.password = "sk-lf-2";
    options_.headers = {"X-Team: mail"};
    options_.timeout = seconds(30);
  }

  ProbeReply ask(const std::string& url, bool with_keys = false,
                 std::chrono::nanoseconds time = seconds(60)) const {
    ProbeRequest request;
    request.url = url;
    request.with_credentials = with_keys;
    return probe(options_, request, steady_clock::now() + time);
  }

  CurlOptions options_;
};

TEST_F(CurlProbeTest, IsAGetWithTheHeadersOfAllRequestsAndNoMore) {
  FaultServer server;

  const ProbeReply reply = ask(server.url("/health"));

  EXPECT_EQ(reply.http.error, "");
  EXPECT_EQ(reply.http.status, 200);
  EXPECT_EQ(reply.http.body, "{}");
  EXPECT_EQ(reply.peer, server.url().substr(7));
  EXPECT_GT(reply.connected, microseconds(0));
  EXPECT_EQ(reply.secured, microseconds(0));
  EXPECT_FALSE(reply.date.has_value());
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].line, "GET /health HTTP/1.1");
  EXPECT_EQ(server.requests()[0].header("Authorization"), "(none)");
  EXPECT_EQ(server.requests()[0].header("X-Team"), "mail");
}

TEST_F(CurlProbeTest, ShowsTheKeysWhereItIsTold) {
  FaultServer server;

  ask(server.url(), true);

  // "pk-lf-1:sk-lf-2" in base64.
  EXPECT_EQ(server.requests().at(0).header("Authorization"), "Basic cGstbGYtMTpzay1sZi0y");
}

TEST_F(CurlProbeTest, ReadsTheDateOfTheAnswer) {
  FaultServer server;
  server.script(FaultServer::reply(404, "", {"date: Thu, 01 Jan 1970 00:16:40 GMT"}));

  const ProbeReply reply = ask(server.url());

  EXPECT_EQ(reply.http.status, 404);
  EXPECT_EQ(reply.date, 1000);
}

TEST_F(CurlProbeTest, ADateThatIsNoneIsNotRead) {
  FaultServer server;
  server.script(FaultServer::reply(200, "", {"Date: soon"}));

  EXPECT_FALSE(ask(server.url()).date.has_value());
}

TEST_F(CurlProbeTest, ARedirectIsReportedAndNeverFollowed) {
  FaultServer elsewhere;
  FaultServer server;
  server.script(FaultServer::reply(302, "", {"Location: " + elsewhere.url("/login?secret")}));

  const ProbeReply reply = ask(server.url(), true);

  EXPECT_EQ(reply.http.status, 302);
  EXPECT_EQ(reply.http.location, elsewhere.url());
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST_F(CurlProbeTest, TellsAtWhichStageItEnded) {
  FaultServer hanging;
  hanging.script(FaultServer::bytes("", End::hang));
  FaultServer hanging_up;
  hanging_up.script(FaultServer::bytes("", End::reset));
  FaultServer silent;
  const std::string closed = "127.0.0.1:" + std::to_string(closed_port());

  EXPECT_EQ(ask("http://nothing.invalid").failed_at, ProbeStage::name);
  EXPECT_EQ(ask("http://" + closed).failed_at, ProbeStage::connection);
  EXPECT_EQ(ask("https" + silent.url().substr(4), false, milliseconds(100)).failed_at,
            ProbeStage::tls);
  EXPECT_EQ(ask(hanging.url(), false, milliseconds(100)).failed_at, ProbeStage::answer);
  EXPECT_EQ(ask(hanging_up.url()).failed_at, ProbeStage::answer);
}

TEST_F(CurlProbeTest, AProxyThatIsNotThereIsAStageOfItsOwn) {
  set("http_proxy", "http://nothing.invalid:3128");

  const ProbeReply reply = ask("http://langfuse.test");

  EXPECT_EQ(reply.failed_at, ProbeStage::proxy);
  EXPECT_THAT(reply.http.error, HasSubstr("nothing.invalid"));
}

TEST_F(CurlProbeTest, AfterTheDeadlineItDoesNotConnect) {
  FaultServer server;

  const ProbeReply reply = ask(server.url(), false, seconds(0));

  EXPECT_EQ(reply.http.error, "no time was left");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlProbeTest, AnAnnouncedBodyIsNeverSent) {
  for (const int status : {200, 401, 413}) {
    FaultServer server;
    server.script(FaultServer::reply(status));
    ProbeRequest request;
    request.url = server.url("/traces");
    request.content_type = "application/x-protobuf";
    request.announced_bytes = 4'000'000;

    const ProbeReply reply = probe(options_, request, steady_clock::now() + seconds(60));

    EXPECT_EQ(reply.http.status, status);
    ASSERT_EQ(server.requests().size(), 1u);
    EXPECT_EQ(server.requests()[0].line, "POST /traces HTTP/1.1");
    EXPECT_EQ(server.requests()[0].header("Content-Length"), "4000000");
    EXPECT_EQ(server.requests()[0].body, "");
  }
}

TEST_F(CurlProbeTest, AnEndlessAnswerIsCut) {
  FaultServer server;
  server.script(FaultServer::bytes("HTTP/1.1 200 OK\r\n\r\nx", End::endless));

  const ProbeReply reply = ask(server.url());

  EXPECT_EQ(reply.http.status, 200);
  EXPECT_EQ(reply.http.body, std::string(65'536, 'x'));
}

}  // namespace
}  // namespace langfuse::internal

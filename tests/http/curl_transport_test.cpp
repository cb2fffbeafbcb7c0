#include "http/curl_transport.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "exporter/compress.h"
#include "tests/http/curl_transport_fixture.h"
#include "tests/support/gunzip.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using End = FaultServer::Step::End;

TEST_F(CurlTransportTest, SendsExactlyTheHeadersOfATraceRequest) {
  FaultServer server;
  CurlOptions options = options_for(server);
  options.headers = common_headers("pk-lf-1", {{"X-Team", "mail"}, {"X-Empty", ""}});
  CurlTransport transport(options, route_count);

  const HttpReply reply = post(transport, "12345");

  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.status, 200);
  ASSERT_EQ(server.requests().size(), 1U);
  const FaultServer::Request request = server.requests()[0];
  EXPECT_EQ(request.line, "POST /traces HTTP/1.1");
  EXPECT_EQ(request.body, "12345");
  // "pk-lf-1:sk-lf-2" in base64.
  EXPECT_THAT(
      request.headers,
      UnorderedElementsAre(
          "Host: " + server.url().substr(7), "Authorization: Basic cGstbGYtMTpzay1sZi0y",
          "User-Agent: langfuse-cpp/0.1.0", "Accept: */*", "Content-Type: application/x-protobuf",
          "x-langfuse-ingestion-version: 4", "x-langfuse-sdk-name: cpp",
          "x-langfuse-sdk-version: 0.1.0", "x-langfuse-public-key: pk-lf-1", "X-Team: mail",
          HasSubstr("X-Empty:"), "Content-Length: 5"));
}

TEST_F(CurlTransportTest, SendsScoresAsJsonToTheirOwnAddresses) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);

  post(transport, "{\"batch\":[]}", Endpoint::ingestion);
  post(transport, "{}", Endpoint::scores);

  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[0].line, "POST /api/public/ingestion HTTP/1.1");
  EXPECT_EQ(server.requests()[0].body, "{\"batch\":[]}");
  EXPECT_EQ(server.requests()[1].line, "POST /api/public/scores HTTP/1.1");
  EXPECT_EQ(server.requests()[1].body, "{}");
  for (const FaultServer::Request& request : server.requests()) {
    EXPECT_EQ(request.header("Content-Type"), "application/json");
    EXPECT_EQ(request.header("Content-Encoding"), "(none)");
    EXPECT_EQ(request.header("x-langfuse-ingestion-version"), "(none)");
    EXPECT_EQ(request.header("x-langfuse-sdk-name"), "cpp");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlTransportTest, AsksForTheHealthWithoutABodyAndSendsScoresAfterwards) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);

  post(transport, "{}", Endpoint::ingestion);
  post(transport, "", Endpoint::health);
  post(transport, "{}", Endpoint::scores);

  ASSERT_EQ(server.requests().size(), 3U);
  EXPECT_EQ(server.requests()[1].line, "GET /api/public/health HTTP/1.1");
  EXPECT_EQ(server.requests()[1].header("Content-Length"), "(none)");
  EXPECT_EQ(server.requests()[1].body, "");
  EXPECT_EQ(server.requests()[2].line, "POST /api/public/scores HTTP/1.1");
  EXPECT_EQ(server.requests()[2].body, "{}");
}

TEST_F(CurlTransportTest, KeepsAMebibyteOfAnAnswerToScores) {
  FaultServer server;
  server.script(FaultServer::reply(207, std::string(1024 * 1024, 'x')));
  server.script(FaultServer::reply(207, std::string(1024 * 1024 + 1, 'y')));
  CurlTransport transport(options_for(server), route_count);

  EXPECT_EQ(post(transport, "{}", Endpoint::ingestion).body, std::string(1024 * 1024, 'x'));
  const HttpReply cut = post(transport, "{}", Endpoint::ingestion);

  EXPECT_EQ(cut.status, 207);
  EXPECT_EQ(cut.body, std::string(1024 * 1024, 'y'));
}

TEST_F(CurlTransportTest, ACompressedBodyIsSaidToBeAndArrivesWhole) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  const std::string original(100'000, 'o');
  std::string compressed;
  Gzip gzip;
  ASSERT_TRUE(gzip.compress(original, compressed));

  post(transport, compressed, Endpoint::traces, true);
  post(transport, "plain");

  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[0].header("Content-Encoding"), "gzip");
  EXPECT_EQ(gunzip(server.requests()[0].body), original);
  EXPECT_EQ(server.requests()[1].header("Content-Encoding"), "(none)");
}

TEST_F(CurlTransportTest, KeepsOneConnectionForManyRequests) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);

  for (int i = 0; i < 50; ++i) EXPECT_EQ(post(transport, "body").status, 200);

  EXPECT_EQ(server.requests().size(), 50U);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlTransportTest, ALargeBodyIsSentWithoutAskingForPermission) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  const std::string body(3 * 1024 * 1024, 'b');

  post(transport, body);

  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests()[0].header("Expect"), "(none)");
  EXPECT_EQ(server.requests()[0].body, body);
}

TEST_F(CurlTransportTest, ABodyInPiecesArrivesEndToEnd) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  const std::string large(200'000, 'l');  // several times what libcurl sends at once

  post_pieces(transport, {"head ", large, "", " middle ", large, "end"});
  post(transport, "whole");
  post_pieces(transport, {"a", "b"});
  post_pieces(transport, {});

  ASSERT_EQ(server.requests().size(), 4U);
  EXPECT_EQ(server.requests()[0].body, "head " + large + " middle " + large + "end");
  EXPECT_EQ(server.requests()[0].header("Content-Length"), "400016");
  EXPECT_EQ(server.requests()[0].header("Transfer-Encoding"), "(none)");
  EXPECT_EQ(server.requests()[0].header("Expect"), "(none)");
  EXPECT_EQ(server.requests()[1].body, "whole");
  EXPECT_EQ(server.requests()[2].body, "ab");
  EXPECT_EQ(server.requests()[3].body, "");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlTransportTest, ABodyInPiecesIsReadAgainWhenTheKeptConnectionIsDead) {
  FaultServer server;
  // Closed only when the next request is on its way.
  server.script(FaultServer::reply(200));
  server.script(FaultServer::bytes("", End::reset));
  CurlTransport transport(options_for(server), route_count);
  post(transport, "first");

  const HttpReply reply = post_pieces(transport, {"head ", std::string_view("end")});

  EXPECT_EQ(reply.status, 200) << reply.error;
  ASSERT_EQ(server.requests().size(), 3U);
  EXPECT_EQ(server.requests()[1].body, "head end");
  EXPECT_EQ(server.requests()[2].body, "head end");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(CurlTransportTest, RoutesAreInFlightAtTheSameTime) {
  FaultServer server;
  server.script(FaultServer::bytes("", End::hang));
  CurlTransport transport(options_for(server), route_count);
  start(transport, "hangs");
  while (server.requests().empty()) transport.wait(steady_clock::now());

  EXPECT_EQ(post(transport, "{}", Endpoint::ingestion).status, 200);

  HttpReply reply;
  EXPECT_FALSE(transport.finished(channel_of(Route::spans), reply));
}

TEST_F(CurlTransportTest, ARedirectIsReportedAndNeverFollowed) {
  FaultServer elsewhere;
  for (const int status : {301, 302, 307, 308}) {
    const HttpReply reply = reply_to(
        FaultServer::reply(status, "", {"Location: " + elsewhere.url("/secret/path?with=query")}));

    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.location, elsewhere.url());
  }
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST_F(CurlTransportTest, AnEndlessAnswerIsCutAndJudgedByItsStatus) {
  FaultServer server;
  server.script(FaultServer::bytes("HTTP/1.1 200 OK\r\n\r\nx", End::endless));
  CurlTransport transport(options_for(server), route_count);

  const HttpReply reply = post(transport, "body");

  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, std::string(64 * 1024, 'x'));
  EXPECT_TRUE(server.wait_for_departures(1));
}

TEST_F(CurlTransportTest, AnAnswerCutShortIsJudgedByItsStatus) {
  const HttpReply reply = reply_to(
      FaultServer::bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", End::close));

  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.status, 200);
}

TEST_F(CurlTransportTest, WhatHasNoStatusIsAnErrorInWords) {
  for (const FaultServer::Step& step :
       {FaultServer::bytes("", End::close), FaultServer::bytes("", End::reset),
        FaultServer::bytes("no http at all\r\n\r\n", End::close),
        FaultServer::bytes("HTTP/1.1 100 Continue\r\n\r\n", End::close)}) {
    const HttpReply reply = reply_to(step);

    EXPECT_NE(reply.error, "") << step.bytes;
    EXPECT_EQ(reply.status, 0) << step.bytes;
  }
}

TEST_F(CurlTransportTest, AServerThatIsNotThereIsNamedInTheError) {
  const int port = closed_port();
  CurlOptions options;
  traces_url_ = "http://127.0.0.1:" + std::to_string(port) + "/traces";
  options.user = "pk-lf-1";
  options.password = "sk-lf-2";
  CurlTransport transport(options, route_count);

  const HttpReply reply = post(transport, "body");

  EXPECT_EQ(reply.status, 0);
  EXPECT_THAT(reply.error, HasSubstr(std::to_string(port)));
  EXPECT_THAT(reply.error, ::testing::Not(HasSubstr("sk-lf-2")));
}

TEST_F(CurlTransportTest, TheReplyHoldsWhatTheServerSaid) {
  const HttpReply reply = reply_to(FaultServer::reply(
      429, "slow down", {"Content-Type: text/plain; charset=utf-8", "Retry-After: 7"}));

  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.body, "slow down");
  EXPECT_EQ(reply.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(reply.retry_after_seconds, 7);
  EXPECT_EQ(reply.location, "");
  EXPECT_GT(reply.duration, std::chrono::nanoseconds(0));
}

TEST_F(CurlTransportTest, NoRetryAfterOrOneThatIsNoTimeIsNone) {
  EXPECT_EQ(reply_to(FaultServer::reply(503)).retry_after_seconds, -1);
  for (const char* const bad : {"soon", "-5", ""}) {
    EXPECT_EQ(reply_to(FaultServer::reply(503, "", {std::string("Retry-After: ") + bad}))
                  .retry_after_seconds,
              -1)
        << bad;
  }
}

TEST_F(CurlTransportTest, ARepliedRequestLeavesNothingForTheNextOne) {
  FaultServer server;
  server.script(FaultServer::reply(429, "words", {"Retry-After: 7", "Content-Type: text/html"}));
  CurlTransport transport(options_for(server), route_count);
  post(transport, "body");

  const HttpReply reply = post(transport, "body");

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.retry_after_seconds, -1);
  EXPECT_EQ(reply.content_type, "");
}

TEST_F(CurlTransportTest, ACompressedAnswerIsNotDecompressed) {
  Gzip gzip;
  std::string bomb;
  ASSERT_TRUE(gzip.compress(std::string(50 * 1024 * 1024, '0'), bomb));

  const HttpReply reply =
      reply_to(FaultServer::reply(400, bomb.substr(0, 1000), {"Content-Encoding: gzip"}));

  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, bomb.substr(0, 1000));
}

}  // namespace
}  // namespace langfuse::internal

#include "http/curl_transport.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "exporter/compress.h"
#include "exporter/endpoints.h"
#include "tests/support/environment.h"
#include "tests/support/fault_server.h"
#include "tests/support/gunzip.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using End = FaultServer::Step::End;

// Far beyond anything that is expected here.
SteadyTime much_later() {
  return steady_clock::now() + seconds(60);
}

class CurlTransportTest : public EnvironmentTest {
 protected:
  CurlTransportTest() { EXPECT_TRUE(initialise_curl()); }

  CurlOptions options_for(const FaultServer& server) {
    traces_url_ = server.url("/traces");
    scores_url_ = server.url();
    CurlOptions options;
    options.user = "pk-lf-1";
    options.password = "sk-lf-2";
    options.user_agent = "langfuse-cpp/0.1.0";
    options.headers = common_headers("pk-lf-1", {});
    options.timeout = seconds(30);
    return options;
  }

  void start(CurlTransport& transport, std::string_view body, Endpoint endpoint = Endpoint::traces,
             bool is_gzip = false) const {
    transport.start(
        channel_of(route_of(endpoint)),
        request_to(endpoint, url_of(endpoint, traces_url_, scores_url_), body, is_gzip));
  }
  HttpReply post(CurlTransport& transport, std::string_view body,
                 Endpoint endpoint = Endpoint::traces, bool is_gzip = false) const {
    start(transport, body, endpoint, is_gzip);
    return wait_for(transport, route_of(endpoint));
  }
  static HttpReply wait_for(CurlTransport& transport, Route route) {
    HttpReply reply;
    while (!transport.finished(channel_of(route), reply)) {
      const SteadyTime until = much_later();
      transport.wait(until);
      if (steady_clock::now() >= until) {
        ADD_FAILURE() << "no reply";
        return reply;
      }
    }
    return reply;
  }
  // The reply to one request that is answered by `step`.
  HttpReply reply_to(FaultServer::Step step) {
    FaultServer server;
    server.script(std::move(step));
    CurlTransport transport(options_for(server), route_count);
    return post(transport, "body");
  }

  std::string traces_url_;
  std::string scores_url_;
};

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

TEST_F(CurlTransportTest, ARequestThatTakesTooLongFails) {
  FaultServer server;
  server.script(FaultServer::bytes("", End::hang));
  CurlOptions options = options_for(server);
  options.timeout = std::chrono::milliseconds(50);
  CurlTransport transport(options, route_count);

  const HttpReply reply = post(transport, "body");

  EXPECT_EQ(reply.status, 0);
  EXPECT_THAT(reply.error, HasSubstr("timed out"));
}

TEST_F(CurlTransportTest, WakeEndsAWaitFromAnotherThread) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  // So many that some wakes come while the wait already sleeps; nothing else would end it.
  constexpr int rounds = 1000;
  std::atomic<int> begun{0};
  std::thread waker([&begun, &transport] {
    for (int round = 1; round <= rounds; ++round) {
      while (begun.load() < round) std::this_thread::yield();
      transport.wake();
    }
  });
  const SteadyTime until = much_later();

  for (int round = 1; round <= rounds; ++round) {
    begun.store(round);
    transport.wait(until);
  }
  waker.join();

  EXPECT_LT(steady_clock::now(), until);
}

TEST_F(CurlTransportTest, AWakeBeforeTheWaitEndsItAtOnceAndOnlyOnce) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  transport.wake();
  transport.wake();

  const SteadyTime until = much_later();
  transport.wait(until);
  EXPECT_LT(steady_clock::now(), until);

  const SteadyTime soon = steady_clock::now() + std::chrono::milliseconds(20);
  transport.wait(soon);
  EXPECT_GE(steady_clock::now(), soon);
}

TEST_F(CurlTransportTest, AnswersThatWereNotAskedForEndEveryWait) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  start(transport, "body");
  const SteadyTime until = much_later();

  transport.wait(until);
  transport.wait(until);

  EXPECT_LT(steady_clock::now(), until);
  HttpReply reply;
  EXPECT_TRUE(transport.finished(channel_of(Route::spans), reply));
  EXPECT_FALSE(transport.finished(channel_of(Route::spans), reply));
}

TEST_F(CurlTransportTest, CancellingAHangingRequestReturnsAndClosesItsConnection) {
  FaultServer server;
  server.script(FaultServer::bytes("", End::hang));
  CurlTransport transport(options_for(server), route_count);
  start(transport, "hangs");
  while (server.requests().empty()) transport.wait(steady_clock::now());

  const auto before = steady_clock::now();
  transport.cancel_all();

  EXPECT_LT(steady_clock::now() - before, seconds(5));
  EXPECT_TRUE(server.wait_for_departures(1));
  HttpReply reply;
  EXPECT_FALSE(transport.finished(channel_of(Route::spans), reply));
  EXPECT_EQ(post(transport, "next").status, 200);
}

TEST_F(CurlTransportTest, ItsEndDoesNotWaitForAHangingRequest) {
  FaultServer server;
  server.script(FaultServer::bytes("", End::hang));
  steady_clock::time_point before;
  {
    CurlTransport transport(options_for(server), route_count);
    start(transport, "hangs");
    while (server.requests().empty()) transport.wait(steady_clock::now());
    before = steady_clock::now();
  }

  EXPECT_LT(steady_clock::now() - before, seconds(5));
  EXPECT_TRUE(server.wait_for_departures(1));
}

TEST_F(CurlTransportTest, AProxyIsNeverAskedForLoopback) {
  FaultServer proxy;
  set("http_proxy", proxy.url());
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);

  EXPECT_EQ(post(transport, "body").status, 200);

  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(CurlTransportTest, AProxyGetsNothingButItsOwnHeaders) {
  FaultServer proxy;
  proxy.script(FaultServer::reply(407, ""));
  set("https_proxy", proxy.url());
  CurlOptions options = options_for(proxy);
  traces_url_ = "https://langfuse.invalid/traces";
  CurlTransport transport(options, route_count);

  const HttpReply reply = post(transport, "body");

  EXPECT_EQ(reply.status, 0);
  EXPECT_THAT(reply.error, HasSubstr("407"));
  ASSERT_EQ(proxy.requests().size(), 1U);
  const FaultServer::Request request = proxy.requests()[0];
  EXPECT_EQ(request.line, "CONNECT langfuse.invalid:443 HTTP/1.1");
  EXPECT_EQ(request.header("Authorization"), "(none)");
  EXPECT_EQ(request.header("x-langfuse-public-key"), "(none)");
  EXPECT_EQ(request.body, "");
}

TEST_F(CurlTransportTest, ProtocolsOtherThanHttpAreRefused) {
  FaultServer server;
  CurlOptions options = options_for(server);
  traces_url_ = "ftp" + server.url("/traces").substr(4);
  CurlTransport transport(options, route_count);

  const HttpReply reply = post(transport, "body");

  EXPECT_NE(reply.error, "");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlTransportTest, AnAddressWithAPasswordIsRefused) {
  FaultServer server;
  CurlOptions options = options_for(server);
  traces_url_ = "http://user:pass@" + server.url("/traces").substr(7);
  CurlTransport transport(options, route_count);

  const HttpReply reply = post(transport, "body");

  EXPECT_NE(reply.error, "");
  EXPECT_EQ(server.connections(), 0);
}

// The open descriptors of this process that a started program would inherit.
std::set<std::string> inheritable_descriptors() {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const std::string name = entry.path().filename().string();
    const int flags = fcntl(std::stoi(name), F_GETFD);
    std::error_code ignored;
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0 &&
        std::filesystem::read_symlink(entry.path(), ignored).string().rfind("socket:[", 0) == 0) {
      found.insert(name);
    }
  }
  return found;
}

TEST_F(CurlTransportTest, ConnectionsAreNotInheritedByOtherPrograms) {
  FaultServer server;
  CurlTransport transport(options_for(server), route_count);
  const std::set<std::string> before = inheritable_descriptors();

  post(transport, "body");

  ASSERT_EQ(server.connections(), 1);
  EXPECT_EQ(inheritable_descriptors(), before);
}

}  // namespace
}  // namespace langfuse::internal

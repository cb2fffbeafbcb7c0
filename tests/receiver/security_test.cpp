// What hostile and broken clients can do to the receiver: nothing, also not to others.

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "receiver/api/event_streams.h"
#include "receiver/server.h"
#include "tests/receiver/http/raw_client.h"
#include "tests/receiver/receiver_requests.h"
#include "tests/receiver/spans/otlp_builder.h"

namespace {

using langfuse_receiver::Server;
using langfuse_receiver::ServerOptions;
using langfuse_test::RawClient;

class Security : public ::testing::Test {
 protected:
  // A request without a body, and the connection closed after it.
  std::string ask(const std::string& method, const std::string& target,
                  const std::string& more_headers = "") {
    RawClient client(port_);
    client.send(method + " " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + more_headers +
                "Connection: close\r\n\r\n");
    return client.read_to_end();
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

  std::string export_head(std::size_t length) const {
    return "POST /api/public/otel/v1/traces HTTP/1.1\r\nHost: " + host() +
           "\r\nAuthorization: " + langfuse_test::basic_credentials +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(length) +
           "\r\nConnection: close\r\n\r\n";
  }

  // The status line of an export of one span.
  std::string export_span(const std::string& span_id) {
    const std::string body =
        langfuse_test::export_of({langfuse_test::span(span_id, "step")}).dump();
    RawClient client(port_);
    client.send(export_head(body.size()) + body);
    return client.read_to_end().substr(0, 15);
  }

  // Clients that begin a request and never end it: half of them in the headers, half in the body.
  std::vector<RawClient> slow_clients(int count) const {
    std::vector<RawClient> clients;
    for (int i = 0; i < count; ++i) {
      clients.emplace_back(port_);
      EXPECT_TRUE(clients.back().is_connected());
      clients.back().send(i % 2 == 0 ? "POST /api/public/otel/v1/traces HTTP/1.1\r\nHost: x\r\nX-A"
                                     : export_head(1000) + "{\"resource");
    }
    return clients;
  }

  Server server_{ServerOptions{}};
  int port_ = server_.start();
};

// 16 s and more, if the slow ones had to time out first.
constexpr std::chrono::seconds soon{10};

TEST_F(Security, SixtyFourSlowClientsDoNotBlockIngestion) {
  const std::vector<RawClient> slow = slow_clients(64);
  const auto begin = std::chrono::steady_clock::now();

  EXPECT_EQ(export_span("b7ad6b7169203331"), "HTTP/1.1 200 OK");

  EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
  EXPECT_EQ(server_.observation_count(), 1);
}

TEST_F(Security, SlowClientsBeyondTheThreadsLoseTheirConnectionsToNewOnes) {
  const std::vector<RawClient> slow = slow_clients(300);
  const auto begin = std::chrono::steady_clock::now();

  EXPECT_EQ(export_span("b7ad6b7169203331"), "HTTP/1.1 200 OK");
  EXPECT_EQ(export_span("b7ad6b7169203332"), "HTTP/1.1 200 OK");

  EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
  EXPECT_EQ(server_.observation_count(), 2);
}

TEST_F(Security, StoppingDoesNotWaitForSlowClients) {
  const std::vector<RawClient> slow = slow_clients(8);
  const auto begin = std::chrono::steady_clock::now();

  server_.stop();

  EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
}

TEST_F(Security, OtherHostsAndOriginsAreRefused) {
  const std::string port = std::to_string(port_);
  for (const std::string& headers :
       {std::string("Origin: http://evil.example\r\n"),
        "Origin: http://evil.example:" + port + "\r\n",
        "Origin: http://localhost.evil.example:" + port + "\r\n",
        "Origin: https://localhost:" + port + "\r\n", std::string("Origin: http://localhost:1\r\n"),
        std::string("Origin: null\r\n")}) {
    EXPECT_EQ(ask("GET", "/local/traces", headers).substr(0, 12), "HTTP/1.1 403") << headers;
  }
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "localhost", "127.0.0.2"}) {
    RawClient client(port_);
    client.send("GET /local/traces HTTP/1.1\r\nHost: " + std::string(host) + ":1" + port +
                "\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read_to_end().substr(0, 12), "HTTP/1.1 403") << host;
  }
  EXPECT_EQ(ask("GET", "/local/traces", "Origin: http://localhost:" + port + "\r\n").substr(0, 12),
            "HTTP/1.1 200");
}

TEST_F(Security, NoAnswerAllowsAnotherOriginToReadIt) {
  const std::string preflight =
      "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n";
  for (const char* target : {"/", "/local/traces", "/api/public/otel/v1/traces", "/local/media/x",
                             "/api/public/media", "/api/public/health"}) {
    EXPECT_EQ(ask("OPTIONS", target, preflight).find("Access-Control"), std::string::npos)
        << target;
    EXPECT_EQ(ask("GET", target).find("Access-Control"), std::string::npos) << target;
  }
  EXPECT_EQ(ask("OPTIONS", "/api/public/media", preflight).substr(0, 12), "HTTP/1.1 403");
}

TEST_F(Security, RangesAreIgnored) {
  const std::string whole = ask("GET", "/");

  for (const char* range :
       {"bytes=0-3", "bytes=5-", "bytes=0-3,5-9,0-99999999", "bytes=99999999-", "bytes=-5"}) {
    EXPECT_TRUE(ask("GET", "/", std::string("Range: ") + range + "\r\n") == whole) << range;
  }
}

TEST_F(Security, NoPathLeavesTheRoutes) {
  for (const char* target :
       {"/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/local/media/../../etc/passwd",
        "/local/media/..%2f..%2f..%2f..%2fetc%2fpasswd", "/local/media/%2fetc%2fpasswd",
        "/local/traces/..%2f..%2fetc%2fpasswd", "/local/media/a%00.bin"}) {
    const std::string answer = ask("GET", target);

    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 404") << target;
    EXPECT_EQ(answer.find("root:"), std::string::npos) << target;
  }
}

TEST_F(Security, GarbageIsAnsweredAndForgotten) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01", 6), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string(20'000, 'A') + "\r\n\r\n",
        "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'A') + "\r\n\r\n",
        "POST /api/public/otel/v1/traces HTTP/1.1\r\nHost: " + host() +
            "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawClient client(port_);
    client.send(bytes);
    ::testing::Test::RecordProperty("answer", client.read_until("\r\n"));
  }

  EXPECT_EQ(export_span("b7ad6b7169203331"), "HTTP/1.1 200 OK");
}

class Events : public Security {
 protected:
  RawClient subscribe() const {
    RawClient client(port_);
    client.send("GET /local/events HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
    return client;
  }
};

TEST_F(Events, AStreamSaysTheRevisionAtOnceAndAfterEachChange) {
  RawClient page = subscribe();

  const std::string first = page.read_until("data: 1\n\n");
  EXPECT_EQ(export_span("b7ad6b7169203331"), "HTTP/1.1 200 OK");
  const std::string second = page.read_until("data: 2\n\n");

  EXPECT_NE(first.find("Content-Type: text/event-stream"), std::string::npos) << first;
  EXPECT_NE(first.find("event: revision\ndata: 1\n\n"), std::string::npos) << first;
  EXPECT_NE(second.find("event: revision\ndata: 2\n\n"), std::string::npos) << second;
}

TEST_F(Events, StreamsAreCappedAndAPlaceIsFreeAgainWhenAClientLeaves) {
  std::vector<RawClient> pages;
  for (int i = 0; i < langfuse_receiver::max_event_streams; ++i) {
    pages.push_back(subscribe());
    EXPECT_NE(pages.back().read_until("\n\n").find("200 OK"), std::string::npos) << i;
  }
  RawClient refused = subscribe();
  const std::string refusal = refused.read_until("\r\n\r\n");

  pages.pop_back();

  EXPECT_EQ(refusal.substr(0, 12), "HTTP/1.1 503");
  EXPECT_NE(refusal.find("Retry-After: 2"), std::string::npos) << refusal;
  // The server notices a moment later; until then it refuses again.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string answer;
  while (answer.find("200 OK") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    answer = subscribe().read_until("\r\n\r\n");
  }
  EXPECT_NE(answer.find("200 OK"), std::string::npos) << answer;
}

TEST_F(Events, StoppingEndsTheStreams) {
  RawClient page = subscribe();
  page.read_until("data: 1\n\n");
  const auto begin = std::chrono::steady_clock::now();

  server_.stop();

  page.read_to_end();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
}

}  // namespace

// The HTTP server without the receiver behind it: what clients may do, and what a limit does.

#include "receiver/http/http_server.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "receiver/base/interruption.h"
#include "tests/receiver/http/echo_server.h"

namespace langfuse_test {
namespace {

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInTurn) {
  const std::string answers = exchange(
      "GET /first HTTP/1.1\r\n\r\n"
      "POST /second HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
      "POST /third HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
      "GET /fourth HTTP/1.1\r\n" +
      closing);

  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK\r\n"), 4U) << answers;
  std::size_t at = 0;
  for (const char* answer :
       {"GET /first [] ", "POST /second [abc] ", "POST /third [de] ", "GET /fourth [] "}) {
    at = answers.find(answer, at);
    EXPECT_NE(at, std::string::npos) << answer << " in " << answers;
  }
}

// Some clients end a body with an empty line that its length does not count.
TEST_F(HttpServerTest, AnEmptyLineBeforeARequestIsSkipped) {
  const std::string answers = exchange(
      "\r\nPOST /first HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\r\n"
      "GET /second HTTP/1.1\r\n" +
      closing);

  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK\r\n"), 2U) << answers;
  EXPECT_EQ(last_line(answers), "GET /second [] ");
}

TEST_F(HttpServerTest, AnEmptyLineMayComeByteByByte) {
  RawClient client(port_);

  for (const char c : std::string("\r\nGET /a HTTP/1.1\r\n" + closing)) {
    client.send(std::string(1, c));
  }

  EXPECT_EQ(last_line(client.read_to_end()), "GET /a [] ");
}

// Without the coding, what is meant as the body would be read as the next request.
TEST_F(HttpServerTest, TransferCodingsOtherThanChunkedAreRefused) {
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, gzip", "identity"}) {
    const std::string answer =
        exchange("POST / HTTP/1.1\r\nTransfer-Encoding: " + std::string(coding) +
                 "\r\n\r\nGET /hidden HTTP/1.1\r\n\r\n");

    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 501") << coding << " got " << answer;
    EXPECT_EQ(count_of(answer, "HTTP/1.1"), 1U) << answer;
  }
}

TEST_F(HttpServerTest, TrailersAreReadAndAreNoHeaders) {
  const std::string answers = exchange(
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: X-Mark\r\n\r\n"
      "3;name=value\r\nabc\r\n0\r\nX-Mark: trailer\r\nX-Other: 1\r\n\r\n"
      "GET /b HTTP/1.1\r\nX-Mark: header\r\n" +
      closing);

  EXPECT_NE(answers.find("\r\n\r\nPOST /a [abc] HTTP/1.1 200"), std::string::npos) << answers;
  EXPECT_EQ(last_line(answers), "GET /b [] header");
}

TEST_F(HttpServerTest, ByteByByteIsAsGoodAsAtOnce) {
  RawClient client(port_);

  for (const char c : std::string("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n")) {
    client.send(std::string(1, c));
  }

  EXPECT_EQ(last_line(client.read_until("]")), "POST /a [abcde] ");
}

TEST_F(HttpServerTest, EndlessHeadsTrailersAndChunkLinesAreRefused) {
  const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& [begin, again] : std::vector<std::pair<std::string, std::string>>{
           {"GET / HTTP/1.1\r\n", "A: b\r\n"},
           {"GET / HTTP/1.1\r\nA: ", "bbbbbbbb"},
           {"GET /", "aaaaaaaa"},
           {chunked + "1;", "a=b;c=d;"},
           {chunked + "0\r\n", "A: b\r\n"},
       }) {
    RawClient client(port_);
    client.send(begin);
    std::string more;
    while (more.size() < 100'000) {
      more += again;
    }
    for (int i = 0; i < 100; ++i) {  // of a head that never ends, ten megabytes
      client.send(more);
    }

    EXPECT_EQ(client.read_until("\r\n").substr(0, 12), "HTTP/1.1 431") << begin;
  }
}

TEST_F(HttpServerTest, TwentyThousandHeadersAreRefused) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 20'000; ++i) {
    head += "X-" + std::to_string(i) + ": 1\r\n";
  }

  const std::string answer = exchange(head + "\r\n");

  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 431") << answer;
}

TEST_F(HttpServerTest, WhatIsNoRequestIsRefused) {
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    const std::string answer = exchange(bytes);

    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 400") << bytes << " got " << answer;
    EXPECT_EQ(count_of(answer, "HTTP/1.1"), 1U) << answer;
  }
}

TEST_F(HttpServerTest, AHeadRequestGetsTheHeadOfTheAnswer) {
  const std::string answer = exchange("HEAD /a HTTP/1.1\r\n" + closing);

  EXPECT_NE(answer.find("\r\nContent-Length: " + std::to_string(std::string("HEAD /a [] ").size())),
            std::string::npos)
      << answer;
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST_F(HttpServerTest, OldClientsAreAnsweredOnceUnlessTheyAskForMore) {
  EXPECT_EQ(count_of(exchange("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n"), "200 OK"), 1U);
  EXPECT_EQ(count_of(exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                              "GET / HTTP/1.0\r\n\r\n"),
                     "200 OK"),
            2U);
}

class SmallServer : public HttpServerTest {
 protected:
  SmallServer() : HttpServerTest(echo, limits()) {}

  static HttpLimits limits() {
    HttpLimits limits;
    limits.max_body_bytes = 10;
    limits.max_held_bytes = 8;
    return limits;
  }
};

TEST_F(SmallServer, ABodyBeyondTheLimitIsReadAndThrownAway) {
  const std::string answers = exchange(
      "POST /a HTTP/1.1\r\nContent-Length: 11\r\n\r\n01234567890"
      "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"
      "POST /c HTTP/1.1\r\nContent-Length: 1\r\n" +
      closing + "0");

  EXPECT_NE(answers.find("POST /a [] too large"), std::string::npos) << answers;
  EXPECT_NE(answers.find("POST /b [] too large"), std::string::npos) << answers;
  EXPECT_NE(answers.find("POST /c [0]"), std::string::npos) << answers;
}

TEST_F(SmallServer, WhatAllRequestsHoldIsLimited) {
  const std::string answer = exchange("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n012345678");

  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 503") << answer;
  EXPECT_NE(exchange("POST / HTTP/1.1\r\nContent-Length: 8\r\n" + closing + "01234567")
                .find("[01234567]"),
            std::string::npos);
}

TEST_F(SmallServer, WhoAsksWhetherToSendIsToldAtOnce) {
  RawClient polite(port_);
  polite.send("POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const std::string permission = polite.read_until("\r\n\r\n");
  polite.send("ab");

  const std::string too_large =
      exchange("POST / HTTP/1.1\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_EQ(permission, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(last_line(polite.read_until("]")), "POST / [ab] ");
  EXPECT_EQ(last_line(too_large), "POST / [] too large ");
}

// Lets a number of handlers wait until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait_for(lock, patience, [this] { return is_open_; });
  }
  bool wait_for(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return waiting_ >= count; });
  }
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

TEST(HttpServerLimits, AConnectionTooManyIsToldToComeLater) {
  Gate gate;
  HttpLimits limits;
  limits.max_connections = 2;
  HttpServer server(
      [&gate](const HttpRequest& request) {
        gate.pass();
        return echo(request);
      },
      limits);
  const int port = server.start(0);
  RawClient first(port);
  RawClient second(port);
  first.send("GET /first HTTP/1.1\r\n" + closing);
  second.send("GET /second HTTP/1.1\r\n" + closing);
  ASSERT_TRUE(gate.wait_for(2));

  RawClient third(port);
  const std::string refusal = third.read_to_end();
  gate.open();

  EXPECT_EQ(refusal.substr(0, 12), "HTTP/1.1 503") << refusal;
  EXPECT_EQ(last_line(first.read_to_end()), "GET /first [] ");
  EXPECT_EQ(last_line(second.read_to_end()), "GET /second [] ");
}

TEST(HttpServerLimits, AnIdleConnectionMakesPlaceForANewOne) {
  HttpLimits limits;
  limits.max_connections = 2;
  HttpServer server(echo, limits);
  const int port = server.start(0);
  RawClient idle(port);
  idle.send("GET /idle HTTP/1.1\r\n\r\n");
  idle.read_until("]");
  RawClient busy(port);
  busy.send("GET /busy HTTP/1.1\r\n\r\n");
  busy.read_until("]");

  RawClient third(port);
  third.send("GET /third HTTP/1.1\r\n" + closing);

  EXPECT_EQ(last_line(third.read_to_end()), "GET /third [] ");
  EXPECT_EQ(idle.read_to_end(), "");
  busy.send("GET /busy HTTP/1.1\r\n" + closing);
  EXPECT_EQ(last_line(busy.read_to_end()), "GET /busy [] ");
}

TEST(HttpServerStop, ARequestThatIsBeingAnsweredGetsItsAnswer) {
  Gate gate;
  HttpServer server(
      [&gate](const HttpRequest& request) {
        gate.pass();
        return echo(request);
      },
      {});
  RawClient client(server.start(0));
  client.send("GET /a HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(gate.wait_for(1));

  std::thread stopping([&server] { server.stop(); });
  gate.open();
  stopping.join();

  EXPECT_EQ(last_line(client.read_to_end()), "GET /a [] ");
}

TEST(HttpServerStop, LongWorkIsInterrupted) {
  std::promise<void> has_begun;
  HttpServer server(
      [&has_begun](const HttpRequest&) -> HttpResponse {
        has_begun.set_value();
        for (;;) {
          langfuse_receiver::throw_if_interrupted();
        }
      },
      {});
  RawClient client(server.start(0));
  client.send("GET /a HTTP/1.1\r\n\r\n");
  has_begun.get_future().wait();

  server.stop();

  EXPECT_EQ(client.read_to_end().substr(0, 12), "HTTP/1.1 503");
}

TEST(HttpServerPorts, TwoServersLiveInOneProcess) {
  HttpServer first([](const HttpRequest&) { return HttpResponse{200, "first", "", {}}; }, {});
  HttpServer second([](const HttpRequest&) { return HttpResponse{200, "second", "", {}}; }, {});
  RawClient of_first(first.start(0));
  RawClient of_second(second.start(0));

  of_first.send("GET / HTTP/1.1\r\n" + closing);
  of_second.send("GET / HTTP/1.1\r\n" + closing);

  EXPECT_EQ(last_line(of_first.read_to_end()), "first");
  EXPECT_EQ(last_line(of_second.read_to_end()), "second");
}

}  // namespace
}  // namespace langfuse_test

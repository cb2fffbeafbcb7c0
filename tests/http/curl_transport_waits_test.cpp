// How long the transport waits, what wakes it, and how a request under way is given up.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "http/curl_transport.h"
#include "tests/http/curl_transport_fixture.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using End = FaultServer::Step::End;

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

}  // namespace
}  // namespace langfuse::internal

// The receiver behind a real socket.

#include "receiver/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "receiver/http/http_server.h"
#include "tests/receiver/http/raw_client.h"
#include "tests/receiver/receiver_requests.h"
#include "tests/receiver/spans/otlp_builder.h"
#include "tests/support/http_client.h"

namespace {

using langfuse_receiver::PortError;
using langfuse_receiver::Server;
using langfuse_receiver::ServerOptions;
using langfuse_test::export_of;
using langfuse_test::gzip;
using langfuse_test::HttpClient;
using langfuse_test::RawClient;
using langfuse_test::span;

constexpr const char* otlp = "/api/public/otel/v1/traces";

class RunningServer : public ::testing::Test {
 protected:
  RunningServer() : port_(server_.start()), client_(server_.url()) {
    client_.set_basic_auth("pk-lf-local", "sk-lf-local");
  }

  Server server_{ServerOptions{}};
  int port_;
  HttpClient client_;
};

std::string export_text(const std::string& id = "b7ad6b7169203331") {
  return export_of({span(id, "step")}).dump();
}

TEST(ServerWithLimits, MediaGoWithTheirTrace) {
  ServerOptions options;
  options.max_traces = 1;
  Server server(options);
  server.start();
  HttpClient client(server.url());
  client.set_basic_auth("pk-lf-local", "sk-lf-local");
  client.post(otlp, export_text(), "application/json");
  const std::string media = "/local/media/EkaSq4d1gtFKnnSBoO6Lij";
  client.post("/api/public/media",
              R"({"traceId":"0af7651916cd43dd8448eb211c80319c","field":"input",)"
              R"("contentType":"text/plain","contentLength":14,)"
              R"("sha256Hash":"EkaSq4d1gtFKnnSBoO6LijGgCTRt9bdPAakens4dDI8="})",
              "application/json");
  client.put(media, "hello langfuse", "text/plain");
  const int before = client.get(media).status;
  langfuse_receiver::Json next = span("b7ad6b7169203332", "step");
  next["traceId"] = "0af7651916cd43dd8448eb211c80319d";

  client.post(otlp, export_of({next}).dump(), "application/json");

  EXPECT_EQ(before, 200);
  EXPECT_EQ(client.get(media).status, 404);
}

// Sends `bytes` as they are and returns all that comes back until the server closes.
std::string exchange_bytes(int port, const std::string& bytes) {
  RawClient client(port);
  client.send(bytes);
  return client.read_to_end();
}

// A value of /proc/self/status in kilobytes.
std::size_t memory_status(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, name.size() + 1, name + ":") == 0) {
      return std::stoul(line.substr(name.size() + 1));
    }
  }
  return 0;
}

// From here on VmHWM is the most memory that was resident since now.
void reset_peak_memory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

TEST_F(RunningServer, AcceptsBodiesOfKnownAndUnknownLength) {
  const std::string text = export_text("b7ad6b7169203332");

  const auto sized = client_.post(otlp, export_text(), "application/json");
  const auto chunked = client_.post_in_chunks(otlp, text, "application/json", 100);

  ASSERT_TRUE(sized && chunked);
  EXPECT_EQ(sized.status, 200);
  EXPECT_EQ(chunked.status, 200);
  EXPECT_EQ(server_.observation_count(), 2);
}

TEST_F(RunningServer, InflatesGzipItself) {
  const auto result =
      client_.post(otlp, gzip(export_text()), "application/json", {"Content-Encoding: gzip"});

  ASSERT_TRUE(result);
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(server_.observation_count(), 1);
}

TEST_F(RunningServer, ABombIsRefusedInBoundedMemoryAndTheConnectionGoesOn) {
  std::string bomb;  // 1 000 MiB of spaces in one megabyte: gzip streams may follow each other
  const std::string member = gzip(std::string(50U << 20U, ' '));
  for (int i = 0; i < 20; ++i) {
    bomb += member;
  }
  const std::size_t before = memory_status("VmRSS");
  reset_peak_memory();

  const auto refused = client_.post(otlp, bomb, "application/json", {"Content-Encoding: gzip"});
  const std::size_t peak = memory_status("VmHWM");
  const auto accepted = client_.post(otlp, export_text(), "application/json");

  ASSERT_TRUE(refused && accepted);
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(accepted.status, 200);
  EXPECT_LT(bomb.size(), 2U << 20U);
  EXPECT_LT(peak, before + 400U * 1024U);
}

TEST_F(RunningServer, BodiesBeyondTheLimitAreRefusedWithAndWithoutALength) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  Server small(options);
  small.start();
  HttpClient client(small.url());
  client.set_basic_auth("pk-lf-local", "sk-lf-local");
  const std::string text(5000, ' ');

  const auto sized = client.post(otlp, text, "application/json");
  const auto chunked = client.post_in_chunks(otlp, text, "application/json", 10'000);
  const auto next = client.post(otlp, "{}", "application/json");

  ASSERT_TRUE(sized && chunked && next);
  EXPECT_EQ(sized.status, 413);
  EXPECT_EQ(chunked.status, 413);
  EXPECT_EQ(next.status, 200);
}

TEST_F(RunningServer, NeverCompressesItsAnswers) {
  const auto result = client_.get("/", {"Accept-Encoding: br, gzip"});

  ASSERT_TRUE(result);
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.header("content-encoding"), "");
  EXPECT_EQ(std::to_string(result.body.size()), result.header("content-length"));
}

TEST_F(RunningServer, TheHostHeaderMustNameIt) {
  const std::string rest = "\r\nConnection: close\r\n\r\n";
  const std::string port = std::to_string(port_);

  EXPECT_EQ(
      exchange_bytes(port_, "GET /api/public/health HTTP/1.1\r\nHost: localhost:" + port + rest)
          .substr(0, 12),
      "HTTP/1.1 200");
  EXPECT_EQ(
      exchange_bytes(port_, "GET /api/public/health HTTP/1.1\r\nHost: evil.example:" + port + rest)
          .substr(0, 12),
      "HTTP/1.1 403");
}

TEST_F(RunningServer, ListensOnTheLoopbackAddressOnly) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in other{};
  other.sin_family = AF_INET;
  other.sin_port = htons(static_cast<std::uint16_t>(port_));
  ::inet_pton(AF_INET, "127.0.0.2", &other.sin_addr);

  // 127.0.0.2 is this machine too: a server bound to all addresses would answer there.
  EXPECT_NE(::connect(socket, reinterpret_cast<const sockaddr*>(&other), sizeof(other)), 0);
  ::close(socket);
}

TEST_F(RunningServer, APortInUseIsNamedAndAFreeOneOffered) {
  Server second(ServerOptions{});

  try {
    second.start(port_);
    FAIL() << "two servers on one port";
  } catch (const PortError& error) {
    EXPECT_EQ(error.port, port_);
    EXPECT_EQ(std::string(error.what()),
              "cannot listen on port " + std::to_string(port_) + ": Address already in use");
    EXPECT_GT(error.next_free, port_);
  }
}

TEST_F(RunningServer, StopsAtOnceAlthoughAClientKeepsItsConnection) {
  ASSERT_TRUE(client_.get("/api/public/health"));
  const auto begin = std::chrono::steady_clock::now();

  server_.stop();

  // Kept-alive connections are closed after 30 s of silence; stopping must not wait for that.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_FALSE(client_.get("/api/public/health"));
}

TEST_F(RunningServer, AStoppedServerStartsAgainWithItsData) {
  ASSERT_TRUE(client_.post(otlp, export_text(), "application/json"));
  server_.stop();
  server_.stop();

  server_.start();
  HttpClient client(server_.url());

  ASSERT_TRUE(client.get("/api/public/health"));
  EXPECT_EQ(server_.observation_count(), 1);
}

TEST_F(RunningServer, ManyClientsAtOnceLoseNothing) {
  constexpr int client_count = 12;
  constexpr int request_count = 20;
  std::vector<std::thread> threads;
  std::atomic<int> accepted{0};
  for (int i = 0; i < client_count; ++i) {
    threads.emplace_back([this, i, &accepted] {
      HttpClient client(server_.url());
      client.set_basic_auth("pk-lf-local", "sk-lf-local");
      for (int j = 0; j < request_count; ++j) {
        const auto result = client.post(
            otlp, export_text(std::to_string(i) + "-" + std::to_string(j)), "application/json");
        accepted += result && result.status == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  EXPECT_EQ(accepted, client_count * request_count);
  EXPECT_EQ(server_.observation_count(), client_count * request_count);
}

}  // namespace

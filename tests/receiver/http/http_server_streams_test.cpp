// Answers of the HTTP server that come in pieces, as long as their source has some.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "receiver/http/http_server.h"
#include "tests/receiver/http/echo_server.h"

namespace langfuse_test {
namespace {

// Streams whose pieces come from elsewhere.
class Source {
 public:
  HttpResponse open() {
    const auto stream = std::make_shared<Stream>(*this);
    HttpResponse response{200, {}, "text/plain", {}};
    response.next_piece = [stream] { return stream->next(); };
    response.when_ready = [this](std::function<void()> wake) {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back(std::move(wake));
      changed_.notify_all();
    };
    return response;
  }

  bool wait_for_waiting(std::size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return waiting_.size() >= count; });
  }
  bool wait_for_ended(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return ended_ >= count; });
  }
  // More than once each, which must do no harm.
  void wake_all() {
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting = waiting_;
      is_over_ = true;
    }
    for (const std::function<void()>& wake : waiting) {
      wake();
      wake();
    }
  }

 private:
  struct Stream {
    explicit Stream(Source& from) : source(from) {}
    ~Stream() {
      const std::lock_guard<std::mutex> lock(source.mutex_);
      ++source.ended_;
      source.changed_.notify_all();
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    std::optional<std::string> next() {
      const std::lock_guard<std::mutex> lock(source.mutex_);
      if (!has_begun) {
        has_begun = true;
        return "begin ";
      }
      if (!source.is_over_) {
        return "";
      }
      return std::exchange(has_ended, true) ? std::nullopt : std::optional<std::string>("end");
    }

    Source& source;
    bool has_begun = false;
    bool has_ended = false;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> waiting_;
  bool is_over_ = false;
  int ended_ = 0;
};

TEST(HttpServerStreams, FiveHundredAreOpenAtOnceOnTwoThreads) {
  constexpr std::size_t count = 500;
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  const rlimit more{std::min<rlim_t>(descriptors.rlim_max, 4 * count), descriptors.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &more);
  Source source;
  HttpLimits limits;
  limits.max_connections = count + 1;
  limits.workers = 2;
  HttpServer server(
      [&source](const HttpRequest& request) {
        return request.path == "/stream" ? source.open() : echo(request);
      },
      limits);
  const int port = server.start(0);
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port);
    clients.back().send("GET /stream HTTP/1.1\r\n" + closing);
  }
  ASSERT_TRUE(source.wait_for_waiting(count));

  RawClient other(port);
  other.send("GET /other HTTP/1.1\r\n" + closing);
  const std::string meanwhile = other.read_to_end();
  source.wake_all();

  EXPECT_EQ(last_line(meanwhile), "GET /other [] ");
  for (RawClient& client : clients) {
    const std::string answer = client.read_to_end();
    EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "6\r\nbegin \r\n3\r\nend\r\n0\r\n\r\n");
  }
  EXPECT_TRUE(source.wait_for_ended(count));
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
}

TEST(HttpServerStreams, OneWhoseClientLeavesEndsAtOnce) {
  Source source;
  HttpServer server([&source](const HttpRequest&) { return source.open(); }, {});
  const int port = server.start(0);
  {
    RawClient client(port);
    client.send("GET /stream HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(source.wait_for_waiting(1));
  }

  EXPECT_TRUE(source.wait_for_ended(1));
}

TEST(HttpServerStreams, OldClientsGetThemWithoutChunks) {
  Source source;
  HttpServer server([&source](const HttpRequest&) { return source.open(); }, {});
  RawClient client(server.start(0));
  client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(source.wait_for_waiting(1));

  source.wake_all();

  EXPECT_EQ(last_line(client.read_to_end()), "begin end");
}

TEST(HttpServerStreams, WhatCameMeanwhileIsAnsweredAfterThem) {
  Source source;
  HttpServer server(
      [&source](const HttpRequest& request) {
        return request.path == "/stream" ? source.open() : echo(request);
      },
      {});
  RawClient client(server.start(0));
  client.send("GET /stream HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(source.wait_for_waiting(1));

  client.send("GET /next HTTP/1.1\r\n" + closing);
  source.wake_all();

  const std::string answers = client.read_to_end();
  EXPECT_NE(answers.find("3\r\nend\r\n0\r\n\r\nHTTP/1.1 200 OK"), std::string::npos) << answers;
  EXPECT_EQ(last_line(answers), "GET /next [] ");
}

TEST(HttpServerStreams, OneThatBreaksHasNoEnd) {
  HttpServer server(
      [](const HttpRequest&) {
        HttpResponse response{200, {}, "text/plain", {}};
        response.next_piece = []() -> std::optional<std::string> {
          throw std::runtime_error("the source is gone");
        };
        return response;
      },
      {});
  RawClient client(server.start(0));
  client.send("GET /stream HTTP/1.1\r\n\r\n");

  const std::string answer = client.read_to_end();

  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(answer.find("0\r\n\r\n"), std::string::npos) << answer;
}

TEST(HttpServerStreams, StoppingEndsThem) {
  Source source;
  HttpServer server([&source](const HttpRequest&) { return source.open(); }, {});
  RawClient client(server.start(0));
  client.send("GET /stream HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(source.wait_for_waiting(1));

  server.stop();

  EXPECT_TRUE(source.wait_for_ended(1));
  source.wake_all();  // too late, and harmless
}

}  // namespace
}  // namespace langfuse_test

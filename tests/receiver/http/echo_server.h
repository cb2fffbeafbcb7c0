// A server that says what it was asked, for the tests of the HTTP server.

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "receiver/http/http_server.h"
#include "tests/receiver/http/raw_client.h"

namespace langfuse_test {

using langfuse_receiver::HttpLimits;
using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::HttpServer;

// Far beyond what any test expects.
inline constexpr std::chrono::seconds patience{30};

// Says what was asked.
inline HttpResponse echo(const HttpRequest& request) {
  return {200,
          request.method + " " + request.path + " [" + request.body + "]" +
              (request.body_too_large ? " too large" : "") + " " + request.header("x-mark"),
          "text/plain",
          {}};
}

class HttpServerTest : public ::testing::Test {
 protected:
  explicit HttpServerTest(const HttpServer::Handler& handler = echo, const HttpLimits& limits = {})
      : server_(handler, limits), port_(server_.start(0)) {}

  // All that comes back until the server closes.
  std::string exchange(const std::string& bytes) const {
    RawClient client(port_);
    client.send(bytes);
    return client.read_to_end();
  }

  HttpServer server_;
  int port_;
};

inline std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
    ++count;
  }
  return count;
}

inline std::string last_line(const std::string& text) {
  return text.substr(text.rfind('\n') + 1);
}

// Has the server's answer end the connection.
inline const std::string closing = "Connection: close\r\n\r\n";

}  // namespace langfuse_test

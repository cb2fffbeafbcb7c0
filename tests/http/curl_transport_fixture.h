// What the tests of the transport share: requests to a server that the test scripts.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/endpoints.h"
#include "http/curl_transport.h"
#include "tests/support/environment.h"
#include "tests/support/fault_server.h"

namespace langfuse::internal {

// Far beyond anything that is expected here.
inline SteadyTime much_later() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
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
    options.timeout = std::chrono::seconds(30);
    return options;
  }

  void start(CurlTransport& transport, std::string_view body, Endpoint endpoint = Endpoint::traces,
             bool is_gzip = false) const {
    transport.start(
        channel_of(route_of(endpoint)),
        request_to(endpoint, url_of(endpoint, traces_url_, scores_url_), {body}, is_gzip));
  }
  HttpReply post(CurlTransport& transport, std::string_view body,
                 Endpoint endpoint = Endpoint::traces, bool is_gzip = false) const {
    start(transport, body, endpoint, is_gzip);
    return wait_for(transport, route_of(endpoint));
  }
  HttpReply post_pieces(CurlTransport& transport, std::vector<std::string_view> pieces) const {
    transport.start(channel_of(Route::spans),
                    request_to(Endpoint::traces, traces_url_, std::move(pieces), false));
    return wait_for(transport, Route::spans);
  }
  static HttpReply wait_for(CurlTransport& transport, Route route) {
    HttpReply reply;
    while (!transport.finished(channel_of(route), reply)) {
      const SteadyTime until = much_later();
      transport.wait(until);
      if (std::chrono::steady_clock::now() >= until) {
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

}  // namespace langfuse::internal

// Whom the transport connects to, and who else gets hold of its connections.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "http/curl_transport.h"
#include "tests/http/curl_transport_fixture.h"

namespace langfuse::internal {
namespace {

using ::testing::HasSubstr;

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

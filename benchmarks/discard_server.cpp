#include "benchmarks/discard_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace langfuse_bench {
namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

// The value of `Content-Length`; curl spells it so.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = head.find(name);
  return at == std::string_view::npos ? 0
                                      : std::strtoull(head.data() + at + name.size(), nullptr, 10);
}

}  // namespace

DiscardServer::DiscardServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error(std::string("cannot listen on loopback: ") + std::strerror(errno));
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DiscardServer::~DiscardServer() {
  is_stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  const int connection = connection_;
  if (connection >= 0) shutdown(connection, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void DiscardServer::serve() {
  while (!is_stopping_) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    connection_ = connection;
    serve_connection(connection);
    connection_ = -1;
    close(connection);
  }
}

void DiscardServer::serve_connection(int connection) {
  std::vector<char> buffer(1 << 20);
  std::size_t held = 0;
  std::size_t body_left = 0;
  while (true) {
    const ssize_t count = recv(connection, buffer.data() + held, buffer.size() - held, 0);
    if (count <= 0) return;
    held += static_cast<std::size_t>(count);
    while (held > 0) {
      if (body_left == 0) {
        const std::string_view text(buffer.data(), held);
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string_view::npos) break;
        body_left = content_length(text.substr(0, end));
        body_bytes_ += body_left;
        held -= end + 4;
        std::memmove(buffer.data(), buffer.data() + end + 4, held);
        if (body_left > 0 && held == 0) break;
      }
      const std::size_t taken = held < body_left ? held : body_left;
      body_left -= taken;
      held -= taken;
      std::memmove(buffer.data(), buffer.data() + taken, held);
      if (body_left > 0) break;
      ++requests_;
      if (send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
    }
  }
}

}  // namespace langfuse_bench

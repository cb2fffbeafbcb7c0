#include "benchmarks/discard_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace langfuse_bench {
namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::string_view end_of_head = "\r\n\r\n";

// The value of `Content-Length`; curl spells it so.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = head.find(name);
  return at == std::string_view::npos ? 0
                                      : std::strtoull(head.data() + at + name.size(), nullptr, 10);
}

}  // namespace

DiscardServer::DiscardServer()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), buffer_(1 << 20) {
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
  shutdown(listener_, SHUT_RDWR);  // ends the wait of `serve`
  thread_.join();
  for (const Connection& connection : connections_) close(connection.socket);
  close(listener_);
}

void DiscardServer::serve() {
  std::vector<pollfd> watched;
  while (!is_stopping_) {
    watched.assign(1, pollfd{listener_, POLLIN, 0});
    for (const Connection& connection : connections_) {
      watched.push_back(pollfd{connection.socket, POLLIN, 0});
    }
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    for (std::size_t i = connections_.size(); i > 0; --i) {
      Connection& connection = connections_[i - 1];
      if (watched[i].revents == 0 || receive(connection)) continue;
      close(connection.socket);
      std::swap(connection, connections_.back());
      connections_.pop_back();
    }
    if (watched[0].revents != 0) accept_one();
  }
}

void DiscardServer::accept_one() {
  Connection connection;
  connection.socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection.socket < 0) return;
  const int yes = 1;
  setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  connections_.push_back(std::move(connection));
}

bool DiscardServer::receive(Connection& connection) {
  const ssize_t count = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
  if (count <= 0) return false;
  const char* at = buffer_.data();
  auto left = static_cast<std::size_t>(count);
  while (left > 0) {
    if (!take(connection, at, left)) return false;
  }
  return true;
}

bool DiscardServer::take(Connection& connection, const char*& at, std::size_t& left) {
  if (connection.body_left == 0) {
    const std::size_t before = connection.head.size();
    connection.head.append(at, left);
    const std::size_t end = connection.head.find(end_of_head);
    const std::size_t taken = end == std::string::npos ? left : end + end_of_head.size() - before;
    at += taken;
    left -= taken;
    if (end == std::string::npos) return true;
    connection.body_left = content_length(std::string_view(connection.head).substr(0, end));
    connection.head.clear();
    body_bytes_ += connection.body_left;
  }
  const std::size_t taken = std::min(left, connection.body_left);
  at += taken;
  left -= taken;
  connection.body_left -= taken;
  if (connection.body_left > 0) return true;
  ++requests_;
  return send(connection.socket, answer.data(), answer.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace langfuse_bench

#include "tests/support/fault_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <tuple>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::chrono::seconds patience{30};

// A socket bound to a free port of the loopback interface, and that port.
std::pair<int, int> bound_socket() {
  const int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bound < 0 || bind(bound, generic, size) != 0 || getsockname(bound, generic, &size) != 0) {
    throw std::runtime_error("no loopback port");
  }
  return {bound, ntohs(address.sin_port)};
}

bool send_all(int socket, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

// Appends what the client sends next; false when it is gone.
bool read_more(int socket, std::string& unread) {
  char block[65536];
  const ssize_t count = recv(socket, block, sizeof(block), 0);
  if (count <= 0) return false;
  unread.append(block, static_cast<std::size_t>(count));
  return true;
}

}  // namespace

std::string FaultServer::Request::header(const std::string& name) const {
  std::string found = "(none)";
  for (const std::string& field : headers) {
    const std::size_t colon = field.find(':');
    if (strcasecmp(field.substr(0, colon).c_str(), name.c_str()) != 0) continue;
    if (found != "(none)") return "(several)";
    found = colon == std::string::npos ? "" : field.substr(colon + 1);
    found.erase(0, found.find_first_not_of(' '));
  }
  return found;
}

FaultServer::Step FaultServer::reply(int status, const std::string& body,
                                     const std::vector<std::string>& headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  for (const std::string& header : headers) text += header + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return {text, Step::End::keep};
}

FaultServer::FaultServer() {
  std::tie(listener_, port_) = bound_socket();
  if (listen(listener_, 16) != 0) throw std::runtime_error("cannot listen");
  acceptor_ = std::thread([this] { accept_all(); });
}

FaultServer::~FaultServer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  // Nobody adds to the list any more.
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void FaultServer::script(Step step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  script_.push_back(std::move(step));
}

std::string FaultServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<FaultServer::Request> FaultServer::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

int FaultServer::connections() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return connections_;
}

bool FaultServer::wait_for_requests(std::size_t count) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, patience, [this, count] { return requests_.size() >= count; });
}

bool FaultServer::wait_for_departures(int count) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, patience, [this, count] { return departures_ >= count; });
}

void FaultServer::accept_all() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      close(socket);
      return;
    }
    sockets_.push_back(socket);
    const int connection = ++connections_;
    threads_.emplace_back([this, socket, connection] { serve(socket, connection); });
  }
}

void FaultServer::serve(int socket, int connection) {
  std::string unread;
  while (receive(socket, connection, unread) && answer(socket, next_step())) {
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  sockets_.remove(socket);
  close(socket);
  ++departures_;
  changed_.notify_all();
}

bool FaultServer::receive(int socket, int connection, std::string& unread) {
  std::size_t head_end = 0;
  while ((head_end = unread.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(socket, unread)) return false;
  }
  Request request;
  request.connection = connection;
  std::size_t begin = 0;
  while (begin < head_end) {
    const std::size_t end = unread.find("\r\n", begin);
    const std::string line = unread.substr(begin, end - begin);
    if (begin == 0) {
      request.line = line;
    } else {
      request.headers.push_back(line);
    }
    begin = end + 2;
  }
  const bool asks_first = request.header("Expect") == "100-continue";
  const std::size_t size =
      asks_first ? 0 : std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
  unread.erase(0, head_end + 4);
  while (unread.size() < size) {
    if (!read_more(socket, unread)) return false;
  }
  request.body = unread.substr(0, size);
  unread.erase(0, size);
  const std::lock_guard<std::mutex> lock(mutex_);
  requests_.push_back(std::move(request));
  changed_.notify_all();
  return true;
}

bool FaultServer::answer(int socket, const Step& step) {
  if (!send_all(socket, step.bytes)) return false;
  std::string ignored;
  switch (step.end) {
    case Step::End::keep:
      return true;
    case Step::End::close:
      return false;
    case Step::End::reset: {
      const linger at_once = {1, 0};
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      return false;
    }
    case Step::End::hang:
      while (read_more(socket, ignored)) {
      }
      return false;
    case Step::End::endless: {
      const std::string block(4096, step.bytes.back());
      while (send_all(socket, block)) {
      }
      return false;
    }
  }
  return false;
}

FaultServer::Step FaultServer::next_step() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (script_.empty()) return reply(200);
  Step step = std::move(script_.front());
  script_.pop_front();
  return step;
}

int closed_port() {
  const auto [bound, port] = bound_socket();
  close(bound);
  return port;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

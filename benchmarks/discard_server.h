// An HTTP server on loopback that reads requests, drops them and answers 200: the cheapest possible
// Langfuse. One thread serves all connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace langfuse_bench {

class DiscardServer {
 public:
  // Listens on a port that the system chooses. Throws `std::runtime_error` when it cannot.
  DiscardServer();
  ~DiscardServer();
  DiscardServer(const DiscardServer&) = delete;
  DiscardServer& operator=(const DiscardServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint64_t requests() const noexcept { return requests_; }
  std::uint64_t body_bytes() const noexcept { return body_bytes_; }

 private:
  struct Connection {
    int socket = -1;
    std::string head;           // of the request that is being read, as far as it has come
    std::size_t body_left = 0;  // of its body, still to come
  };

  void serve();
  void accept_one();
  // What has come on the connection is taken; false when that was its end.
  bool receive(Connection& connection);
  // One step in what was received: to the end of a head, or of a body. False when the answer could
  // not be sent.
  bool take(Connection& connection, const char*& at, std::size_t& left);

  int listener_ = -1;
  int port_ = 0;
  std::vector<Connection> connections_;  // of the thread
  std::vector<char> buffer_;             // of the thread
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> body_bytes_{0};
  std::thread thread_;
};

}  // namespace langfuse_bench

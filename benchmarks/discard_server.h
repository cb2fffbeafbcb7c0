// An HTTP server on loopback that reads requests, drops them and answers 200: the cheapest possible
// Langfuse.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

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
  void serve();
  void serve_connection(int connection);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connection_{-1};
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> body_bytes_{0};
  std::thread thread_;
};

}  // namespace langfuse_bench

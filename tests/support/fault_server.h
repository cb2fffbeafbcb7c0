// An HTTP/1.1 server that misbehaves as a test wants, on a loopback port that the system chooses.
//
// Each connection has its own thread, which takes one step of the script for each request that
// arrives, whatever the connection; when the script is used up, every request is answered with
// `200 {}`. It keeps what it received. A request that asks for permission to send its body
// (`Expect: 100-continue`) is answered without one. Ends with its object, whatever hangs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class FaultServer {
 public:
  struct Request {
    std::string line;                  // "POST /path HTTP/1.1"
    std::vector<std::string> headers;  // as they came, in order
    std::string body;
    int connection;  // counted from 1

    // The value of the only header of that name (any case); "(none)" or "(several)" otherwise.
    std::string header(const std::string& name) const;
  };

  // What is done with one request.
  struct Step {
    enum class End {
      keep,     // the connection stays open
      close,    // closed in order
      reset,    // torn down
      hang,     // nothing more, until the client goes or the server ends
      endless,  // the last byte again and again, until the client goes
    };

    std::string bytes;
    End end = End::keep;
  };
  static Step reply(int status, const std::string& body = "{}",
                    const std::vector<std::string>& headers = {});
  static Step bytes(std::string raw, Step::End end) { return {std::move(raw), end}; }

  FaultServer();
  ~FaultServer();
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  void script(Step step);

  std::string url(const std::string& path = "") const;
  std::vector<Request> requests() const;
  int connections() const;

  // Wait until that many were there; false after 30 s.
  bool wait_for_requests(std::size_t count) const;
  // Connections that the client has closed.
  bool wait_for_departures(int count) const;

 private:
  void accept_all();
  void serve(int socket, int connection);
  bool receive(int socket, int connection, std::string& unread);
  bool answer(int socket, const Step& step);
  Step next_step();

  int listener_ = -1;
  int port_ = 0;
  std::thread acceptor_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // All below: guarded by mutex_.
  bool stopping_ = false;
  std::deque<Step> script_;
  std::vector<Request> requests_;
  std::list<int> sockets_;
  std::vector<std::thread> threads_;
  int connections_ = 0;
  int departures_ = 0;
};

// A port of this machine on which nobody listens.
int closed_port();

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

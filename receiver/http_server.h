// The HTTP side of the receiver: listens on the loopback address, reads whole requests, hands each
// to one handler. The only file that includes cpp-httplib; its habits that would hurt are dealt
// with here.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "receiver/http_message.h"

namespace langfuse_receiver {

// The port cannot be listened on. `next_free` is a port that could be when this was thrown, 0 if
// none was found.
class PortError : public std::runtime_error {
 public:
  PortError(const std::string& message, int wanted_port, int next_free_port)
      : std::runtime_error(message), port(wanted_port), next_free(next_free_port) {}
  int port;
  int next_free;
};

class HttpServer {
 public:
  // `handler` is called on the server's threads, several at a time; what it throws becomes a 500.
  // Bodies above `max_body_bytes` are read and thrown away.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  HttpServer(Handler handler, std::size_t max_body_bytes);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens on 127.0.0.1:`port`, 0 lets the system choose; returns the port when requests are
  // accepted. Throws `PortError`.
  int start(int port);

  // Finishes the requests that are being answered, closes all connections, and returns when the
  // last thread has ended. Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace langfuse_receiver

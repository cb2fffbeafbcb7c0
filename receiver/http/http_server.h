// The HTTP side of the receiver: listens on the loopback address, reads whole requests, hands each
// to one handler. One thread does all reading and writing, for any number of connections; the
// handlers run on some others. Several servers may run in one process, each on a port of its own.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "receiver/http/http_message.h"

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

struct HttpLimits {
  // Larger bodies are read and thrown away, and the handler learns of them.
  std::size_t max_body_bytes = 64U << 20U;
  // Of all requests that are being read or answered; beyond it, a request is answered with 503.
  std::size_t max_held_bytes = 512U << 20U;
  // When there are more, the one whose client has been silent for the longest time is closed, so
  // that idle and slow clients, however many, keep nobody out. One more than this whose requests
  // are all being answered gets 503.
  std::size_t max_connections = 256;
  // Threads for handlers.
  std::size_t workers = 16;
};

class HttpServer {
 public:
  // `handler` is called on the server's threads, several at a time; what it throws becomes a 500.
  // When the server stops, `throw_if_interrupted` (interruption.h) ends what takes longer.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  HttpServer(Handler handler, const HttpLimits& limits);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens on 127.0.0.1:`port`, 0 lets the system choose; returns the port when requests are
  // accepted. Throws `PortError`. Once.
  int start(int port);

  // Answers the requests that have arrived, ends the streams, closes all connections, and returns
  // when the last thread has ended. A handler that can be interrupted is, after a second.
  // Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace langfuse_receiver

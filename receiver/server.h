// The local receiver in one object: the HTTP server, the routes and the database. The program
// `langfuse-cpp local` runs one, and tests start one in-process on a port that the system chooses.
// It shares nothing with the library but the wire.
//
//   langfuse_receiver::Server receiver({});      // in memory, local keys
//   const int port = receiver.start(0);          // http://127.0.0.1:<port>
//   …
//   receiver.stop();

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace langfuse_receiver {

struct ServerOptions {
  std::string database;  // a path; empty: in memory, gone with the server
  std::string public_key = "pk-lf-local";
  std::string secret_key = "sk-lf-local";
  // The largest body of an export, before and after decompression; larger ones are answered with
  // 413.
  std::size_t max_body_bytes = 64U << 20U;
  // What the database may hold before whole traces are removed (see `Retention`, store_data.h);
  // 0: no limit.
  std::int64_t max_traces = 0;
  std::int64_t max_database_bytes = 0;
};

// One thread starts and stops it; queries may come from any.
class Server {
 public:
  // Opens the database. Throws `StoreError` (store_error.h), which names the file.
  explicit Server(ServerOptions options);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens on 127.0.0.1:`port`, 0 lets the system choose; returns the port once requests are
  // accepted. Throws `PortError` (http_server.h), which offers a free one. A stopped server can be
  // started again and still has its data.
  int start(int port = 0);

  // Answers what has arrived, closes all connections, ends all threads. Idempotent.
  void stop();

  // `http://127.0.0.1:<port>`; empty before `start`.
  std::string url() const;

  // Rows stored: observations, events included.
  std::int64_t observation_count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace langfuse_receiver

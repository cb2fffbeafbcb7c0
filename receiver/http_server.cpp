#include "receiver/http_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "receiver/blocked_signals.h"
#include "receiver/connections.h"

namespace langfuse_receiver {
namespace {

constexpr const char* loopback = "127.0.0.1";
// httplib gives each connection a thread for as long as it is kept alive. A thread that waits costs
// some kilobytes.
constexpr std::size_t thread_count = 256;
constexpr int listen_backlog = 256;
constexpr int keep_alive_seconds = 30;
constexpr int io_timeout_seconds = 15;

// 0 or the reason why 127.0.0.1:`port` cannot be listened on.
int try_port(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return errno;
  }
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int problem = 0;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(socket, 1) != 0) {
    problem = errno;
  }
  ::close(socket);
  return problem;
}

int next_free_port(int port) {
  for (int candidate = port + 1; candidate <= 65535 && candidate <= port + 100; ++candidate) {
    if (try_port(candidate) == 0) {
      return candidate;
    }
  }
  return 0;
}

[[noreturn]] void refuse_port(int port, int problem) {
  const int next_free = problem == EADDRINUSE ? next_free_port(port) : 0;
  throw PortError("cannot listen on port " + std::to_string(port) + ": " + std::strerror(problem),
                  port, next_free);
}

// Where connections wait for a thread. When all threads have one, the connections that have been
// quiet for the longest time are closed, one for each that waits, so that idle and slow clients,
// however many, keep nobody out.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  explicit ConnectionQueue(std::function<void(std::size_t)> close_quietest)
      : close_quietest_(std::move(close_quietest)) {}

  // Newer versions of httplib want a `bool`.
  using Enqueued = decltype(std::declval<httplib::TaskQueue>().enqueue({}));

  Enqueued enqueue(std::function<void()> serve) override {
    const std::size_t open = open_.fetch_add(1) + 1;
    if (open > thread_count) {
      close_quietest_(open - thread_count);
    }
    return threads_.enqueue([this, serve = std::move(serve)] {
      serve();
      open_.fetch_sub(1);
    });
  }

  void shutdown() override { threads_.shutdown(); }

 private:
  std::function<void(std::size_t)> close_quietest_;
  std::atomic<std::size_t> open_{0};  // connections served or waiting
  httplib::ThreadPool threads_{thread_count};
};

HttpRequest without_body(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.path;
  request.query.insert(from.params.begin(), from.params.end());
  for (const auto& [name, value] : from.headers) {
    std::string lower = name;
    for (char& c : lower) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    request.headers.emplace(std::move(lower), value);
  }
  return request;
}

// `set_content` would compress for a browser that offers it, with Brotli at its slowest setting (8
// MB of JSON take 14 s). A content provider of known length is sent as it is.
void give(HttpResponse answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    response.set_header(name, value);
  }
  if (answer.next_piece) {
    response.set_chunked_content_provider(
        answer.content_type,
        [next_piece = std::move(answer.next_piece)](std::size_t, httplib::DataSink& sink) {
          const std::optional<std::string> piece = next_piece();
          if (!piece) {
            sink.done();
            return true;
          }
          return piece->empty() ? sink.is_writable() : sink.write(piece->data(), piece->size());
        });
    return;
  }
  if (answer.body.empty()) {
    return;
  }
  auto body = std::make_shared<const std::string>(std::move(answer.body));
  response.set_content_provider(
      body->size(), answer.content_type,
      [body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(body->data() + offset, std::min(length, body->size() - offset));
      });
}

HttpResponse internal_error(const char* reason) {
  std::string text = R"({"message":"Internal Server Error","error":")";
  for (const char* c = reason; *c != '\0'; ++c) {
    text += *c == '"' || *c == '\\' || static_cast<unsigned char>(*c) < 0x20 ? ' ' : *c;
  }
  return {500, text + "\"}", "application/json", {}};
}

}  // namespace

struct HttpServer::State {
  State(Handler handle, std::size_t limit) : handler(std::move(handle)), max_body_bytes(limit) {}

  HttpResponse answer(const HttpRequest& request) const {
    try {
      return handler(request);
    } catch (const std::exception& error) {
      return internal_error(error.what());
    }
  }

  void read_and_answer(const httplib::Request& from, httplib::Response& response,
                       const httplib::ContentReader& read_body) const {
    HttpRequest request = without_body(from);
    // httplib would inflate the body itself, without a limit on the result and without noticing
    // that the stream is cut off, and would accept Brotli. It looks at this header when reading
    // begins. The request is not a constant object: httplib only hands it out as const.
    const_cast<httplib::Request&>(from).headers.erase("Content-Encoding");
    const bool complete = read_body([&](const char* data, std::size_t length) {
      // A body that is too large is read to its end all the same: the next request of the
      // connection begins after it.
      if (!request.body_too_large && request.body.size() + length > max_body_bytes) {
        request.body_too_large = true;
        request.body = {};
      }
      if (!request.body_too_large) {
        request.body.append(data, length);
      }
      return true;
    });
    if (!complete) {
      request.body = {};
      request.body_too_large = request.body_too_large || response.status == 413;
      request.body_unreadable = !request.body_too_large;
    }
    give(answer(request), response);
  }

  Handler handler;
  std::size_t max_body_bytes;
  httplib::Server server;
  std::thread thread;
  int listener = -1;
  int port = 0;
};

HttpServer::HttpServer(Handler handler, std::size_t max_body_bytes)
    : state_(std::make_unique<State>(std::move(handler), max_body_bytes)) {
  State& state = *state_;
  httplib::Server& server = state.server;
  server.new_task_queue = [&state] {
    return new ConnectionQueue([&state](std::size_t count) {
      end_reading_on_quietest(state.port, state.listener, count);
    });
  };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(keep_alive_seconds);
  server.set_read_timeout(io_timeout_seconds);
  server.set_write_timeout(io_timeout_seconds);
  server.set_payload_max_length(max_body_bytes);
  // httplib's own default is SO_REUSEPORT, with which a second receiver would silently share the
  // port.
  server.set_socket_options([&state](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    state.listener = socket;
  });
  const auto plain = [&state](const httplib::Request& request, httplib::Response& response) {
    // httplib would cut the answer to the ranges without looking whether they lie in it, and call
    // what is left 200. A server may ignore them.
    const_cast<httplib::Request&>(request).ranges.clear();
    give(state.answer(without_body(request)), response);
  };
  const auto with_body = [&state](const httplib::Request& request, httplib::Response& response,
                                  const httplib::ContentReader& read_body) {
    state.read_and_answer(request, response, read_body);
  };
  server.Get(".*", plain);
  server.Options(".*", plain);
  server.Post(".*", with_body);
  server.Put(".*", with_body);
  server.Patch(".*", with_body);
  server.Delete(".*", with_body);
}

HttpServer::~HttpServer() {
  stop();
}

int HttpServer::start(int port) {
  State& state = *state_;
  if (port != 0) {
    if (const int problem = try_port(port); problem != 0) {
      refuse_port(port, problem);
    }
  }
  state.port = port == 0 ? state.server.bind_to_any_port(loopback)
                         : (state.server.bind_to_port(loopback, port) ? port : -1);
  if (state.port <= 0) {
    refuse_port(port, EADDRINUSE);
  }
  // httplib listens with a backlog of 5; asking again changes it.
  ::listen(state.listener, listen_backlog);
  std::atomic<bool> ended{false};
  {
    const BlockedSignals in_all_threads_of_the_server;
    state.thread = std::thread([&state, &ended] {
      const bool listened = state.server.listen_after_bind();
      if (!listened) {
        ended.store(true);
      }
    });
  }
  // `stop` does nothing before the server says that it runs.
  while (!state.server.is_running() && !ended.load()) {
    std::this_thread::yield();
  }
  return state.port;
}

void HttpServer::stop() {
  State& state = *state_;
  if (!state.thread.joinable()) {
    return;
  }
  state.server.stop();
  end_reading_on_connections(state.port, state.listener);
  state.thread.join();
}

}  // namespace langfuse_receiver

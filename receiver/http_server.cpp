#include "receiver/http_server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <httplib.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace langfuse_receiver {
namespace {

constexpr const char* loopback = "127.0.0.1";
// httplib gives each connection a thread for as long as it is kept alive.
constexpr std::size_t thread_count = 48;
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

// Ends reading on every accepted connection of `port`. httplib's threads wait for the next request
// of a kept-alive connection until its timeout, and `stop` waits for the threads; there is no call
// to wake them, and accepted sockets are not handed out, so they are found among our descriptors.
void end_reading_on_connections(int port, int listener) {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) {
    return;
  }
  while (const dirent* entry = ::readdir(directory)) {
    const int socket = std::atoi(entry->d_name);
    sockaddr_in address{};
    socklen_t length = sizeof(address);
    if (socket > 2 && socket != listener &&
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
        address.sin_family == AF_INET && ntohs(address.sin_port) == port &&
        ntohl(address.sin_addr.s_addr) == INADDR_LOOPBACK) {
      ::shutdown(socket, SHUT_RD);
    }
  }
  ::closedir(directory);
}

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
  server.new_task_queue = [] { return new httplib::ThreadPool(thread_count); };
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
  // Signals belong to the program: all threads of the server inherit this mask.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  state.thread = std::thread([&state, &ended] {
    const bool listened = state.server.listen_after_bind();
    if (!listened) {
      ended.store(true);
    }
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
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

#include "receiver/http/http_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <thread>
#include <utility>

#include "receiver/base/blocked_signals.h"
#include "receiver/base/interruption.h"
#include "receiver/http/http_connection.h"
#include "receiver/http/http_text.h"
#include "receiver/http/json_response.h"

namespace langfuse_receiver {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int listen_backlog = 256;
// When no descriptor is left for a new connection.
constexpr std::chrono::milliseconds pause_of_accepting{100};
constexpr std::chrono::seconds patience_with_handlers{1};

// A listening socket, or -1 and the reason in `errno`. Without SO_REUSEPORT, with which a second
// receiver would silently share the port.
int listen_on(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return -1;
  }
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::listen(socket, listen_backlog) == 0) {
    return socket;
  }
  const int problem = errno;
  ::close(socket);
  errno = problem;
  return -1;
}

int next_free_port(int port) {
  for (int candidate = port + 1; candidate <= 65535 && candidate <= port + 100; ++candidate) {
    if (const int socket = listen_on(candidate); socket >= 0) {
      ::close(socket);
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

HttpResponse internal_error(const char* reason) {
  return json_response(500, {{"message", "Internal Server Error"}, {"error", reason}});
}

}  // namespace

// All but `start`, `stop` and `answer` happens on the I/O thread.
struct HttpServer::State {
  State(Handler handle, const HttpLimits& given)
      : handler(std::move(handle)), limits(given), workers(given.workers) {
    shared.answer = [this](const HttpRequest& request) { return answer(request); };
    shared.max_body_bytes = limits.max_body_bytes;
    shared.max_held_bytes = limits.max_held_bytes;
    shared.forget = [this](HttpConnection& connection) { forget(connection); };
    shared.workers = &workers;
    shared.io = io;
  }

  HttpResponse answer(const HttpRequest& request) const {
    const Interruptible work(is_interrupted);
    try {
      return handler(request);
    } catch (const Interrupted& interrupted) {
      return refusal(503, interrupted.what());
    } catch (const std::exception& error) {
      return internal_error(error.what());
    }
  }

  void accept() {
    acceptor.async_accept([this](const error_code& problem, tcp::socket socket) {
      if (shared.is_stopping) {
        return;
      }
      if (problem) {
        close_quietest();
        pause.expires_after(pause_of_accepting);
        pause.async_wait([this](const error_code& stopped) {
          if (!stopped) {
            accept();
          }
        });
        return;
      }
      begin(std::move(socket));
      accept();
    });
  }

  void begin(tcp::socket socket) {
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const bool has_place = connections.size() < limits.max_connections || close_quietest();
    connections.push_back(std::make_shared<HttpConnection>(std::move(socket), shared));
    const std::shared_ptr<HttpConnection> connection = connections.back();
    has_place ? connection->read_request()
              : connection->refuse(503, "too many connections are open");
  }

  // False if all others are being answered.
  bool close_quietest() {
    HttpConnection* quietest = nullptr;
    for (const auto& connection : connections) {
      if (connection->is_reading() &&
          (quietest == nullptr || connection->quiet_since() < quietest->quiet_since())) {
        quietest = connection.get();
      }
    }
    if (quietest != nullptr) {
      quietest->close();
    }
    return quietest != nullptr;
  }

  void forget(const HttpConnection& gone) {
    const auto found = std::find_if(connections.begin(), connections.end(),
                                    [&](const auto& one) { return one.get() == &gone; });
    if (found != connections.end()) {
      connections.erase(found);
    }
    end_if_alone();
  }

  void begin_to_stop() {
    shared.is_stopping = true;
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    pause.expires_after(patience_with_handlers);
    pause.async_wait([this](const error_code& stopped) {
      if (!stopped) {
        is_interrupted.store(true, std::memory_order_relaxed);
      }
    });
    const auto all = connections;
    for (const auto& connection : all) {
      connection->finish();
    }
    end_if_alone();
  }

  void end_if_alone() {
    if (shared.is_stopping && connections.empty()) {
      pause.cancel();
      keep_running.reset();
    }
  }

  Handler handler;
  HttpLimits limits;
  std::atomic<bool> is_interrupted{false};
  HttpShared shared;

  // Shared with what wakes streams, which may outlive the server.
  std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> keep_running{io->get_executor()};
  tcp::acceptor acceptor{*io};
  asio::steady_timer pause{*io};  // of accepting; once the server stops, of its patience
  std::list<std::shared_ptr<HttpConnection>> connections;
  std::thread thread;
  asio::thread_pool workers;
};

HttpServer::HttpServer(Handler handler, const HttpLimits& limits) {
  const BlockedSignals in_all_threads_of_the_server;
  state_ = std::make_unique<State>(std::move(handler), limits);
}

HttpServer::~HttpServer() {
  stop();
}

int HttpServer::start(int port) {
  State& state = *state_;
  const int socket = listen_on(port);
  if (socket < 0) {
    refuse_port(port, errno);
  }
  state.acceptor.assign(tcp::v4(), socket);
  state.accept();
  const BlockedSignals in_the_thread;
  state.thread = std::thread([&state] { state.io->run(); });
  return state.acceptor.local_endpoint().port();
}

void HttpServer::stop() {
  State& state = *state_;
  if (state.thread.joinable()) {
    asio::post(*state.io, [&state] { state.begin_to_stop(); });
    state.thread.join();
  }
  state.workers.join();
}

}  // namespace langfuse_receiver

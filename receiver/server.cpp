#include "receiver/server.h"

#include <algorithm>
#include <atomic>

#include "receiver/api/event_streams.h"
#include "receiver/http/http_server.h"
#include "receiver/routes.h"
#include "receiver/store/store.h"

namespace langfuse_receiver {

struct Server::State {
  explicit State(ServerOptions given)
      : options(std::move(given)),
        media(options.database),
        store(options.database, {options.max_traces, options.max_database_bytes},
              [this](const std::vector<std::string>& removed) { media.forget(removed); }) {}

  ServerOptions options;
  MediaStore media;
  Store store;  // tells `media` what it removes
  EventStreams events{store};
  std::unique_ptr<HttpServer> http;
  int port = 0;
};

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Server::~Server() {
  stop();
}

int Server::start(int port) {
  State& state = *state_;
  // The handler exists before the port is known; nobody can know the port, and so send a request,
  // before `start` has returned it.
  auto bound_port = std::make_shared<std::atomic<int>>(port);
  HttpLimits limits;
  limits.max_body_bytes = state.options.max_body_bytes;
  limits.max_held_bytes = std::max(limits.max_held_bytes, 8 * limits.max_body_bytes);
  state.http = std::make_unique<HttpServer>(
      [&state, bound_port](const HttpRequest& request) {
        RouteOptions routes;
        routes.keys = {state.options.public_key, state.options.secret_key};
        routes.port = bound_port->load();
        routes.max_body_bytes = state.options.max_body_bytes;
        routes.events = &state.events;
        routes.media = &state.media;
        return answer(request, routes, state.store);
      },
      limits);
  state.port = state.http->start(port);
  bound_port->store(state.port);
  return state.port;
}

void Server::stop() {
  if (state_->http) {
    state_->http->stop();
    state_->http.reset();
  }
}

std::string Server::url() const {
  return state_->port == 0 ? std::string{} : "http://127.0.0.1:" + std::to_string(state_->port);
}

std::int64_t Server::observation_count() const {
  return state_->store.observation_count();
}

}  // namespace langfuse_receiver

// An HTTP request and its answer as plain data, so that everything but the server itself is
// independent of the HTTP library and can be tested without a socket.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace langfuse_receiver {

struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without the query
  std::multimap<std::string, std::string> query;
  // Names in lower case; of repeated ones the first. Trailers are not among them.
  std::map<std::string, std::string> headers;
  std::string body;  // as sent: still compressed if it was
  // The body was larger than the limit; it is empty then.
  bool body_too_large = false;

  // Empty if there is none. `name` in lower case.
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  // If set, the body is a stream instead: this is called for piece after piece, on one of the
  // server's threads at a time, until it returns none, the client leaves, or the server stops. It
  // must not wait for something to happen: where there is nothing yet, it returns an empty piece.
  std::function<std::optional<std::string>()> next_piece{};
  // REQUIRED where `next_piece` returns empty pieces: called after each of them with the function
  // that asks for the next piece. That may be called from any thread and at any time, also after
  // the stream has ended; only its first call counts.
  std::function<void(std::function<void()>)> when_ready{};
};

}  // namespace langfuse_receiver

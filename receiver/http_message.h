// An HTTP request and its answer as plain data, so that everything but `http_server.cpp` is
// independent of the HTTP library and can be tested without a socket.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace langfuse_receiver {

struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without the query
  std::multimap<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case; of repeated ones the first
  std::string body;                            // as sent: still compressed if it was
  // The body was larger than the limit, or could not be read; it is empty then.
  bool body_too_large = false;
  bool body_unreadable = false;

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
  // If set, the body is a stream instead: this is called for piece after piece, on the thread of
  // the connection, until it returns none, the client leaves, or the server stops. It may wait for
  // less than a second and return an empty piece.
  std::function<std::optional<std::string>()> next_piece{};
};

}  // namespace langfuse_receiver

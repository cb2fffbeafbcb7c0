// The interface to HTTP: requests on a few channels, one at a time on each.
//
// `CurlTransport` is the real implementation; tests use a scripted one. All calls except `wake`
// belong to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct HttpRequest {
  enum class Method : std::uint8_t { get, post };

  Method method = Method::post;
  std::string url;
  // Header lines of this request, besides those of all requests: "Name: value".
  std::vector<std::string> headers;
  // Of a POST: pieces that are sent one behind the other from where they lie. What they view must
  // live until `finished` or `cancel_all`.
  std::vector<std::string_view> body;
  std::size_t reply_limit = 64 * 1024;  // most bytes of the answer's body; the rest is cut off

  std::size_t body_bytes() const noexcept {
    std::size_t bytes = 0;
    for (const std::string_view piece : body) bytes += piece.size();
    return bytes;
  }
};

// The number of one of the transport's channels, from 0 on. Requests on a channel follow each
// other.
using HttpChannel = std::size_t;

struct HttpReply {
  // Empty when there is an HTTP status; otherwise curl's reason why there is none (without
  // credentials).
  std::string error;
  // With `error`: the host name was not resolved, or no connection could be made (refused,
  // unreachable).
  bool found_nobody = false;
  int status = 0;
  std::int64_t retry_after_seconds = -1;  // -1: none was given
  std::string content_type;
  std::string body;      // cut at the request's `reply_limit`
  std::string location;  // scheme and host of a redirect's target
  std::chrono::nanoseconds duration{0};
};

class HttpTransport {
 public:
  HttpTransport() = default;
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;
  virtual ~HttpTransport() = default;

  // Begins a request. REQUIRES: nothing is in flight on the channel.
  virtual void start(HttpChannel channel, const HttpRequest& request) = 0;

  // True once when the request on `channel` has ended; `reply` then has its result.
  virtual bool finished(HttpChannel channel, HttpReply& reply) = 0;

  // True while the request on `channel` is still resolving its host's name.
  virtual bool is_looking_up(HttpChannel channel) const noexcept = 0;

  // Returns when a request has ended, when `wake` was called since the last wait began, or at
  // `until`.
  virtual void wait(SteadyTime until) = 0;

  // Gives up the requests in flight. They may have reached the server.
  virtual void cancel_all() noexcept = 0;

  // Ends a running or the next `wait`. Any thread.
  virtual void wake() noexcept = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

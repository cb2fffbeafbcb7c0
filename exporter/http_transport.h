// The seam to HTTP: one request at a time per route, driven by the flusher thread.
//
// `CurlTransport` is the real one; tests put a scripted one in its place. Everything but `wake` is
// the flusher thread's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/endpoints.h"
#include "model/clock.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct HttpReply {
  // Empty when there is an HTTP status; otherwise why there is none, in curl's words (no
  // credentials).
  std::string error;
  // With `error`: the name is unknown, or nobody takes connections there.
  bool found_nobody = false;
  int status = 0;
  std::int64_t retry_after_seconds = -1;  // -1: the server did not say
  std::string content_type;
  std::string body;      // the first 64 KiB, on the route `scores` 1 MiB
  std::string location;  // scheme and host of a redirect's target
  std::chrono::nanoseconds duration{0};
};

class HttpTransport {
 public:
  HttpTransport() = default;
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;
  virtual ~HttpTransport() = default;

  // Begins a POST of `body`, which must live until `finished` or `cancel_all`, or the GET that
  // `health` is. REQUIRES: nothing is in flight on the endpoint's route.
  virtual void start(Endpoint endpoint, std::string_view body, bool is_gzip) = 0;

  // True once when the request of `route` has ended, with what became of it in `reply`.
  virtual bool finished(Route route, HttpReply& reply) = 0;

  // Whether the request of `route` still asks for the address of its host's name.
  virtual bool is_looking_up(Route route) const noexcept = 0;

  // Returns when a request has ended, when `wake` was called since the last wait began, or at
  // `until`.
  virtual void wait(SteadyTime until) = 0;

  // Gives up what is in flight. What was sent may have arrived.
  virtual void cancel_all() noexcept = 0;

  // Ends a running or the next `wait`. Any thread.
  virtual void wake() noexcept = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// HTTP by libcurl: the real `HttpTransport`.
//
// One multi handle, one reused easy handle a route, so that a route's requests follow each other on
// one kept-alive connection. It sends to the configured addresses and nowhere else: redirects are
// reported, never followed. `wake` may come from any thread until the destructor begins; everything
// else belongs to one thread.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

#include "exporter/curl_options.h"
#include "exporter/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class CurlTransport : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;

  void start(Endpoint endpoint, std::string_view body, bool is_gzip) override;
  bool finished(Route route, HttpReply& reply) override;
  bool is_looking_up(Route route) const noexcept override;
  void wait(SteadyTime until) override;
  void cancel_all() noexcept override;
  void wake() noexcept override;

 private:
  struct Multi;
  struct Request;

  // Lets libcurl work and notes which requests have ended.
  void advance() noexcept;
  bool has_ended_request() const noexcept;

  const CurlOptions options_;
  std::unique_ptr<Multi> multi_;
  std::array<std::unique_ptr<Request>, route_count> requests_;
  std::atomic<bool> is_woken_{false};  // publishes nothing: only that `wake` was called
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

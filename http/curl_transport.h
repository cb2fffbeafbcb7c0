// HTTP by libcurl: the real `HttpTransport`.
//
// It has one multi handle and, for each channel, one easy handle that is reused, so a channel's
// requests share a kept-alive connection. It sends only to the addresses of the requests: redirects
// are reported, never followed. Any thread may call `wake` until the destructor begins; all other
// calls belong to one thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "http/curl_options.h"
#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class CurlTransport : public HttpTransport {
 public:
  CurlTransport(CurlOptions options, std::size_t channels);
  ~CurlTransport() override;

  void start(HttpChannel channel, const HttpRequest& request) override;
  bool finished(HttpChannel channel, HttpReply& reply) override;
  bool is_looking_up(HttpChannel channel) const noexcept override;
  void wait(SteadyTime until) override;
  void cancel_all() noexcept override;
  void wake() noexcept override;

 private:
  struct Multi;
  struct Channel;

  // Lets libcurl work, and notes which requests have ended.
  void advance() noexcept;
  bool has_ended_request() const noexcept;

  const CurlOptions options_;
  std::unique_ptr<Multi> multi_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::atomic<bool> is_woken_{false};  // publishes nothing: only that `wake` was called
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

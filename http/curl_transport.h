// HTTP by libcurl: the real `HttpTransport`.
//
// One multi handle, one reused easy handle a channel, so that a channel's requests follow each
// other on one kept-alive connection. It sends to the addresses of the requests and nowhere else:
// redirects are reported, never followed. `wake` may come from any thread until the destructor
// begins; everything else belongs to one thread.
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

  // Lets libcurl work and notes which requests have ended.
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

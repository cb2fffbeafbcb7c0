// An exporter's other end that takes everything at once: for benchmarks, what is left is the
// caller's side and the flusher's own work; `Capture` keeps what it was given.
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>

#include "http/http_transport.h"
#include "model/record.h"

namespace langfuse::internal {

class NullTransport : public HttpTransport {
 public:
  void start(HttpChannel channel, const HttpRequest&) override { is_sent_[channel] = true; }

  bool finished(HttpChannel channel, HttpReply& reply) override {
    bool& is_sent = is_sent_[channel];
    if (!is_sent) return false;
    is_sent = false;
    reply = HttpReply();
    reply.status = 200;
    return true;
  }

  bool is_looking_up(HttpChannel) const noexcept override { return false; }

  void wait(SteadyTime until) override {
    for (const bool is_sent : is_sent_) {
      if (is_sent) return;
    }
    std::unique_lock<std::mutex> lock(mutex_);
    woken_.wait_until(lock, until, [this] { return is_woken_; });
    is_woken_ = false;
  }

  void cancel_all() noexcept override { is_sent_ = {}; }

  void wake() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_woken_ = true;
    woken_.notify_one();
  }

 private:
  std::array<bool, route_count> is_sent_{};
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;  // guarded by mutex_
};

}  // namespace langfuse::internal

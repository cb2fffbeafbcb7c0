// A scripted `HttpTransport` and a hand-driven clock, for tests of what happens between a record
// and the wire.
//
// The transport keeps every request and answers only what the test scripts: replies wait in a
// line for each route and are given to that route's requests in order. `wait` blocks like the real
// one: until there is an answer, until `wake`, or until fake time passes `until`. All functions may
// be called from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/http_transport.h"
#include "model/clock.h"
#include "tests/support/requests.h"

namespace langfuse::internal {

class FakeTransport : public HttpTransport, public TimeSource {
 public:
  struct Request {
    Endpoint endpoint;
    std::string body;
    bool is_gzip;
  };

  static HttpReply status(int code, std::string body = "{}") {
    HttpReply reply;
    reply.status = code;
    reply.content_type = "application/json";
    reply.body = std::move(body);
    return reply;
  }
  static HttpReply failure(std::string error) {
    HttpReply reply;
    reply.error = std::move(error);
    return reply;
  }
  // Nobody takes connections there.
  static HttpReply refused() {
    HttpReply reply = failure("connection refused");
    reply.found_nobody = true;
    return reply;
  }
  static HttpReply retry_after(int code, std::int64_t seconds) {
    HttpReply reply = status(code);
    reply.retry_after_seconds = seconds;
    return reply;
  }

  // Answers the request in flight on `route`, or the next one that is not answered yet.
  void answer(HttpReply reply, Route route = Route::spans) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lane(route).replies.push_back(std::move(reply));
    changed_.notify_all();
  }

  // Answers every request on `route` for which nothing is in line.
  void answer_all(HttpReply reply, Route route = Route::spans) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lane(route).default_reply = std::move(reply);
    lane(route).has_default = true;
    changed_.notify_all();
  }

  // Whether requests in flight wait for a name server.
  void look_up(bool is_looking_up) {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_looking_up_ = is_looking_up;
  }

  // Undoes `answer_all`.
  void answer_no_more(Route route = Route::spans) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lane(route).has_default = false;
  }

  void advance(std::chrono::nanoseconds time) {
    const std::lock_guard<std::mutex> lock(mutex_);
    now_ += time;
    changed_.notify_all();
  }

  // Requests that were started, oldest first.
  std::vector<Request> requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }
  std::size_t request_count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_.size();
  }
  bool is_in_flight(Route route) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return lane(route).is_in_flight;
  }
  int cancellations() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return cancellations_;
  }

  // Waits in real time until `count` requests were started; false after 30 s.
  bool wait_for_requests(std::size_t count) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [this, count] { return requests_.size() >= count; });
  }

  // Waits in real time until a thread is inside `wait` with nothing to do; false after 30 s.
  bool wait_for_idle() const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return is_waiting_ && !may_return(); });
  }

  // When the thread inside `wait` will next return by itself.
  SteadyTime waiting_until() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return until_;
  }

  // TimeSource.
  SteadyTime now() const noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return now_;
  }

  // HttpTransport.
  void start(HttpChannel channel, const HttpRequest& request) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    requests_.push_back({endpoint_of(request), body_of(request), is_gzip(request)});
    lanes_.at(channel).is_in_flight = true;
    changed_.notify_all();
  }
  bool finished(HttpChannel channel, HttpReply& reply) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    Lane& asked = lanes_.at(channel);
    if (!asked.has_ended()) return false;
    if (asked.replies.empty()) {
      reply = asked.default_reply;
    } else {
      reply = std::move(asked.replies.front());
      asked.replies.pop_front();
    }
    asked.is_in_flight = false;
    return true;
  }
  bool is_looking_up(HttpChannel) const noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return is_looking_up_;
  }
  void wait(SteadyTime until) override {
    std::unique_lock<std::mutex> lock(mutex_);
    until_ = until;
    is_waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return may_return(); });
    is_waiting_ = false;
    is_woken_ = false;
  }
  void cancel_all() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Lane& each : lanes_) each.is_in_flight = false;
    ++cancellations_;
    changed_.notify_all();
  }
  void wake() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_woken_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr std::chrono::seconds patience{30};

  struct Lane {
    bool has_ended() const { return is_in_flight && (has_default || !replies.empty()); }

    bool is_in_flight = false;
    std::deque<HttpReply> replies;
    bool has_default = false;
    HttpReply default_reply;
  };

  Lane& lane(Route route) { return lanes_[static_cast<std::size_t>(route)]; }
  const Lane& lane(Route route) const { return lanes_[static_cast<std::size_t>(route)]; }

  // REQUIRES: mutex_ is held.
  bool may_return() const {
    return is_woken_ || now_ >= until_ ||
           std::any_of(lanes_.begin(), lanes_.end(),
                       [](const Lane& each) { return each.has_ended(); });
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // All below: guarded by mutex_.
  std::array<Lane, route_count> lanes_;
  std::vector<Request> requests_;
  SteadyTime now_{std::chrono::hours(1000)};
  SteadyTime until_;
  bool is_waiting_ = false;
  bool is_woken_ = false;
  bool is_looking_up_ = false;
  int cancellations_ = 0;
};

}  // namespace langfuse::internal

#include "receiver/event_streams.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace langfuse_receiver {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds least_gap{200};
constexpr std::chrono::seconds ping_interval{10};
// How long a stream may not notice that the server stops.
constexpr std::chrono::milliseconds longest_wait{250};

class Stream {
 public:
  Stream(Store& store, std::shared_ptr<std::atomic<int>> open)
      : store_(store), open_(std::move(open)) {}
  ~Stream() { open_->fetch_sub(1); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Empty if there was nothing new for a moment.
  std::string next() {
    std::this_thread::sleep_until(last_event_ + least_gap);
    const std::uint64_t revision = store_.wait_for_revision(known_, longest_wait);
    const Clock::time_point now = Clock::now();
    if (revision != known_) {
      known_ = revision;
      last_event_ = now;
      last_sign_ = now;
      return "event: revision\ndata: " + std::to_string(revision) + "\n\n";
    }
    if (now - last_sign_ >= ping_interval) {
      last_sign_ = now;
      return ": ping\n\n";
    }
    return {};
  }

 private:
  Store& store_;
  std::shared_ptr<std::atomic<int>> open_;
  std::uint64_t known_ = 0;  // which no store has: the first event comes at once
  Clock::time_point last_event_;
  Clock::time_point last_sign_ = Clock::now();
};

}  // namespace

HttpResponse EventStreams::open(Store& store) {
  if (open_->fetch_add(1) >= max_event_streams) {
    open_->fetch_sub(1);
    return {503,
            R"({"message":"Too many event streams are open: ask again every two seconds"})",
            "application/json",
            {{"Retry-After", "2"}}};
  }
  HttpResponse response{200, {}, "text/event-stream", {}};
  response.next_piece = [stream = std::make_shared<Stream>(store, open_)] {
    return std::optional<std::string>(stream->next());
  };
  return response;
}

}  // namespace langfuse_receiver

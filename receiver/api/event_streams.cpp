#include "receiver/api/event_streams.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

#include "receiver/base/blocked_signals.h"

namespace langfuse_receiver {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds least_gap{200};
constexpr std::chrono::seconds ping_interval{10};
// How long a ping, or the end, may come late.
constexpr std::chrono::milliseconds longest_wait{250};

}  // namespace

class EventStreams::Stream {
 public:
  Stream(Store& store, std::shared_ptr<std::atomic<int>> open)
      : store_(store), open_(std::move(open)) {}
  ~Stream() { open_->fetch_sub(1); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool has_something(std::uint64_t revision) const {
    return revision != known_ || Clock::now() - last_sign_ >= ping_interval;
  }

  // Empty if there is nothing new.
  std::string next() {
    const std::uint64_t revision = store_.revision();
    if (!has_something(revision)) {
      return {};
    }
    last_sign_ = Clock::now();
    if (revision == known_) {
      return ": ping\n\n";
    }
    known_ = revision;
    return "event: revision\ndata: " + std::to_string(revision) + "\n\n";
  }

 private:
  Store& store_;
  std::shared_ptr<std::atomic<int>> open_;
  std::uint64_t known_ = 0;  // which no store has: the first event comes at once
  Clock::time_point last_sign_ = Clock::now();
};

EventStreams::~EventStreams() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (waker_.joinable()) {
    waker_.join();
  }
}

HttpResponse EventStreams::open() {
  if (open_->fetch_add(1) >= max_event_streams) {
    open_->fetch_sub(1);
    return {503,
            R"({"message":"Too many event streams are open: ask again every two seconds"})",
            "application/json",
            {{"Retry-After", "2"}}};
  }
  HttpResponse response{200, {}, "text/event-stream", {}};
  auto stream = std::make_shared<Stream>(store_, open_);
  response.next_piece = [stream] { return std::optional<std::string>(stream->next()); };
  response.when_ready = [this, stream = std::weak_ptr<Stream>(stream)](std::function<void()> wake) {
    wait({stream, std::move(wake)});
  };
  return response;
}

void EventStreams::wait(Waiting one) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(one));
    if (!waker_.joinable()) {
      const BlockedSignals in_the_thread;
      waker_ = std::thread([this] { wake_all(); });
    }
  }
  changed_.notify_all();
}

// Wakes the streams that have something to say, until the end. The pause after that keeps every
// stream to five events a second, and lets one event stand for several changes. Nobody else touches
// a stream while it is among the waiting ones.
void EventStreams::wake_all() {
  std::uint64_t revision = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!is_ending_) {
    changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    lock.unlock();
    revision = store_.wait_for_revision(revision, longest_wait);
    lock.lock();
    const auto first =
        std::stable_partition(waiting_.begin(), waiting_.end(), [revision](const Waiting& one) {
          const std::shared_ptr<Stream> stream = one.stream.lock();
          return stream != nullptr && !stream->has_something(revision);
        });
    const std::vector<Waiting> ready(std::make_move_iterator(first),
                                     std::make_move_iterator(waiting_.end()));
    waiting_.erase(first, waiting_.end());
    if (ready.empty()) {
      continue;
    }
    lock.unlock();
    for (const Waiting& one : ready) {
      one.wake();
    }
    lock.lock();
    changed_.wait_for(lock, least_gap, [this] { return is_ending_; });
  }
}

}  // namespace langfuse_receiver

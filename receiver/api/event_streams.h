// `GET /local/events`: tells pages, as server-sent events, that there is something new, so that
// they need not ask. Says nothing of what is new.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "receiver/http/http_message.h"
#include "receiver/store/store.h"

namespace langfuse_receiver {

// More clients are answered with 503 and poll.
inline constexpr int max_event_streams = 16;

class EventStreams {
 public:
  // `store` outlives it.
  explicit EventStreams(Store& store) : store_(store) {}
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  // A stream, or 503. The stream says `event: revision` with the store's revision at once and
  // whenever it has changed, at most five times a second, and pings every ten seconds so that a
  // client that is gone is noticed. Any thread.
  HttpResponse open();

 private:
  class Stream;
  struct Waiting {
    std::weak_ptr<Stream> stream;  // gone when the client is
    std::function<void()> wake;
  };

  void wait(Waiting one);
  void wake_all();

  Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
  bool is_ending_ = false;        // guarded by mutex_
  std::thread waker_;             // of the first stream on; guarded by mutex_
  // Shared with the streams, which may end later.
  std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace langfuse_receiver

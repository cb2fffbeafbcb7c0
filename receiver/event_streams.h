// `GET /local/events`: tells pages, as server-sent events, that there is something new, so that
// they need not ask. Says nothing of what is new.

#pragma once

#include <atomic>
#include <memory>

#include "receiver/http_message.h"
#include "receiver/store.h"

namespace langfuse_receiver {

// Each open stream holds a thread of the HTTP server; more clients are answered with 503 and poll.
inline constexpr int max_event_streams = 16;

class EventStreams {
 public:
  // A stream, or 503. The stream says `event: revision` with the store's revision at once and
  // whenever it has changed, at most five times a second, and pings every ten seconds so that a
  // client that is gone is noticed. Any thread. `store` outlives the stream.
  HttpResponse open(Store& store);

 private:
  // Shared with the streams, which end after the server.
  std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace langfuse_receiver

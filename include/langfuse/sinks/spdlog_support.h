// What the header-only spdlog sink keeps in the compiled library. Not for users.
//
// It knows no spdlog: it lists the sinks that exist, remembers a few words per thread, and waits
// until the lines that lie in the queues of asynchronous loggers have come out. It is compiled
// because the sink's header shall not pull in `<mutex>`, and because no thread-local variable is
// to be exported.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "langfuse/export.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What is remembered for a thread. Readable during its whole life, exit handlers included.
struct SinkThread {
  // The message which a front logger has already submitted and is passing on to its sinks.
  const void* captured = nullptr;
  // While a backtrace is dumped: when that began, ns since the Unix epoch; else 0.
  std::int64_t replay_time = 0;
};
LANGFUSE_API SinkThread& sink_thread() noexcept;

// An entry in the list of existing sinks, for as long as it lives. Member of the sink.
class LANGFUSE_LOCAL LiveSink {
 public:
  LANGFUSE_API explicit LiveSink(const void* sink) noexcept;
  LANGFUSE_API ~LiveSink();
  LiveSink(const LiveSink&) = delete;
  LiveSink& operator=(const LiveSink&) = delete;

  // Whether `sink` is in the list.
  LANGFUSE_API static bool contains(const void* sink) noexcept;

 private:
  friend class SpdlogShared;

  const void* sink_;
  bool is_seen_ = false;  // `contains` was asked for it
  LiveSink* previous_ = nullptr;
  LiveSink* next_ = nullptr;
};

// Tells that the calling thread, which works for an asynchronous logger, has handed a line over
// and is done with it.
LANGFUSE_API void note_pool_line() noexcept;

// The way of one marker through the queue of a logger: either it arrives at the other end, or it
// is destroyed on the way, because the queue discarded it. Move-only.
class LANGFUSE_LOCAL Passage {
 public:
  struct State;

  explicit Passage(State* state) noexcept : state_(state) {}
  Passage(Passage&& other) noexcept : state_(other.state_.exchange(nullptr)) {}
  ~Passage() { finish(state_.exchange(nullptr), false); }

  void arrive() noexcept { finish(state_.exchange(nullptr), true); }

 private:
  LANGFUSE_API static void finish(State* state, bool has_arrived) noexcept;

  // Null: there is nothing left to tell. Arrival and destruction may be on different threads, and
  // what orders them is inside spdlog, where a thread sanitizer may not see it.
  std::atomic<State*> state_;
};

// The queue of one logger: first in, first out, with any number of threads that work on it.
class LANGFUSE_LOCAL LoggerQueue {
 public:
  // `logger` only identifies the logger: by its owner, because addresses are used again.
  explicit LoggerQueue(std::weak_ptr<void> logger) noexcept : logger_(std::move(logger)) {}
  virtual ~LoggerQueue() = default;

  // Puts a marker into it. May throw what derives from `std::exception` when the queue is gone.
  virtual void send(Passage marker) = 0;

  const std::weak_ptr<void>& logger() const noexcept { return logger_; }

 private:
  std::weak_ptr<void> logger_;
};

// The queues of all loggers that can be found.
struct LANGFUSE_LOCAL LoggerQueues {
  std::vector<std::unique_ptr<LoggerQueue>> with_ours;  // `LiveSink::contains` one of their sinks
  std::vector<std::unique_ptr<LoggerQueue>> others;
};

// From the first call on, a flush of the library waits until every line that was put into the
// listed queues before has reached its sink, or its time is over: those with a sink of ours, and
// all of them when a sink of ours is in none (it may be wrapped in another sink). `list` runs on
// any thread, one at a time, and never once `close_queues` has returned.
LANGFUSE_API void open_queues(void (*list)(LoggerQueues&));
// The process ends: waits for the lines one last time, at most one second.
LANGFUSE_API void close_queues() noexcept;

// Adds a queue that no list has.
LANGFUSE_API void watch_queue(std::unique_ptr<LoggerQueue> queue);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

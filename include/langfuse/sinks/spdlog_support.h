// What the header-only spdlog sink keeps in the compiled library. Not for users.
//
// It knows no spdlog: it lists the sinks and front loggers that exist (`sinks/spdlog_fronts.cpp`),
// remembers a few words per thread (`sinks/spdlog_lines.cpp`), and waits until the lines that lie
// in the queues of asynchronous loggers have come out. It is compiled so that the sink's header
// stays short, and because no thread-local variable is to be exported.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

// What is remembered for a thread. Readable during its whole life, exit handlers included.
struct SinkThread {
  // The message which a front logger has already submitted and is passing on to its sinks.
  const void* captured = nullptr;
  // While a backtrace is dumped: when that began, ns since the Unix epoch; else 0.
  std::int64_t replay_time = 0;
};
LANGFUSE_API SinkThread& sink_thread() noexcept;

// While it lives, sinks of ours ignore this message on this thread. They nest: a sink of the user's
// may log in turn.
struct LANGFUSE_LOCAL CapturedMessage {
  LANGFUSE_API explicit CapturedMessage(const void* message) noexcept;
  LANGFUSE_API ~CapturedMessage();

  const void* const outer;
};

// Whether this is not a line but a banner between which this thread's logger replays lines of
// earlier, of any thread.
LANGFUSE_API bool note_banner(std::string_view text, std::int64_t time_unix_nano) noexcept;
// Whether a line of this time is one of those.
LANGFUSE_API bool is_replayed(std::int64_t time_unix_nano) noexcept;

// Whether a logging library's clock is the system clock itself. SPDLOG_CLOCK_COARSE, which may be
// set for a compiled spdlog only, makes one that is behind. Asked once.
LANGFUSE_API bool is_exact(std::chrono::system_clock::time_point (*clock)()) noexcept;

// Without the line break at its end.
LANGFUSE_API std::string_view without_line_break(std::string_view text) noexcept;

// Up to four objects that one thread at a time uses. Any thread; lock-free. The user knows their
// type and deletes them.
struct LANGFUSE_LOCAL Spares {
  // Null when there is none.
  LANGFUSE_API void* take() noexcept;
  // False when there is no room for it.
  LANGFUSE_API bool put(void* object) noexcept;

  // Release publishes the object's state to the next who takes it.
  std::atomic<void*> objects[4] = {};
};

// The level that two loggers shall have, though each has a member of its own for it: the one of
// `own` and `theirs` that is not `shared` any more, the own if neither is. `is_line`: for a line
// that came through the front, which is remembered in `shared`.
LANGFUSE_API int agree(std::atomic<int>& shared, int own, int theirs, bool is_line) noexcept;

// An entry in the list of existing sinks, for as long as it lives. Member of the sink, which has no
// copies.
struct LANGFUSE_LOCAL LiveSink {
  LANGFUSE_API explicit LiveSink(const void* of) noexcept;
  LANGFUSE_API ~LiveSink();

  // Whether `sink` is in the list.
  LANGFUSE_API static bool contains(const void* sink) noexcept;

  // Until a line comes on the thread that logged it, the sink may be one of an asynchronous logger,
  // and what is current on each thread is recorded on trial. This tells of one.
  LANGFUSE_API void end_trial() noexcept;

  const void* const sink;
  std::atomic<bool> is_on_trial{true};
  // All guarded by a mutex of the list.
  bool is_seen = false;  // `contains` was asked for it
  LiveSink* previous = nullptr;
  LiveSink* next = nullptr;
};

// Tells that lines of asynchronous loggers will come: each thread records what is current on it.
LANGFUSE_API void expect_pool_lines() noexcept;

// Tells that the calling thread, which works for an asynchronous logger, has handed a line over
// and is done with it.
LANGFUSE_API void note_pool_line() noexcept;

// The way of one marker through the queue of a logger: either it arrives at the other end, or it
// is destroyed on the way, because the queue discarded it. Move-only.
struct LANGFUSE_LOCAL Passage {
  struct State;

  explicit Passage(State* state) noexcept : way(state) {}
  Passage(Passage&& other) noexcept : way(other.way.exchange(nullptr)) {}
  ~Passage() { finish(way.exchange(nullptr), false); }

  void arrive() noexcept { finish(way.exchange(nullptr), true); }

  LANGFUSE_API static void finish(State* state, bool has_arrived) noexcept;

  // Null: there is nothing left to tell. Arrival and destruction may be on different threads, and
  // what orders them is inside spdlog, where a thread sanitizer may not see it.
  std::atomic<State*> way;
};

// What a logger reports to it while a marker is sent: the marker found no queue.
LANGFUSE_API void note_lost_queue(const std::string& fault) noexcept;

// The queue of one logger: first in, first out, with any number of threads that work on it.
struct LANGFUSE_LOCAL LoggerQueue {
  LoggerQueue(std::weak_ptr<void> logger, bool may_refuse) noexcept
      : identity(std::move(logger)), may_be_full(may_refuse) {}
  virtual ~LoggerQueue() = default;

  // Puts a marker into it. One that is destroyed meanwhile was refused. Where there is no queue any
  // more, it says so by `note_lost_queue`, or throws what derives from `std::exception`. Of those,
  // `std::bad_alloc` says nothing about the queue.
  virtual void send(Passage marker) = 0;

  // Of the logger: by its owner, because addresses are used again.
  const std::weak_ptr<void> identity;
  // Whether one that refuses a marker may take it later; else no marker ever comes through.
  const bool may_be_full;
  bool has_ours = false;  // `LiveSink::contains` one of the logger's sinks
};
using LoggerQueues = std::vector<std::unique_ptr<LoggerQueue>>;

// From the first call on, a flush of the library waits until every line that was put into the
// listed queues before has reached its sink, or its time is over: those with a sink of ours, and
// all of them when a sink of ours is in none (it may be wrapped in another sink). `list` runs on
// any thread, one at a time, and never once `close_queues` has returned.
LANGFUSE_API void open_queues(void (*list)(LoggerQueues&));
// The process ends: waits for the lines one last time, at most one second.
LANGFUSE_API void close_queues() noexcept;

// Adds a queue that no list has.
LANGFUSE_API void watch_queue(std::unique_ptr<LoggerQueue> queue);

// Held for the whole of `attach` and `detach`. Not a mutex: its header is long.
struct LANGFUSE_LOCAL AttachLock {
  LANGFUSE_API AttachLock() noexcept;
  LANGFUSE_API ~AttachLock();
};

// The front loggers that `attach` made. One that is gone is no longer found.
// REQUIRES: an `AttachLock` is held, for all three.
// `use`: what `agree` is called with for it, where a line through the original would be lost; else
// null. Such a front is named in a diagnostic when the original is held by others at a flush.
LANGFUSE_API void add_front(const std::weak_ptr<void>& front, const std::weak_ptr<void>& original,
                            std::string_view name, std::shared_ptr<std::atomic<int>> use);
// The front that `logger` is, or whose original it is; null for others.
LANGFUSE_API std::shared_ptr<void> find_front(const void* logger);
LANGFUSE_API void remove_front(const void* front) noexcept;

}  // namespace internal
}  // namespace LANGFUSE_ABI
}  // namespace langfuse

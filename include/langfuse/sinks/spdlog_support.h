// The part of the header-only spdlog sink that is in the compiled library. Not for users.
//
// It includes no spdlog. It lists the existing sinks and front loggers (`sinks/spdlog_fronts.cpp`),
// keeps a few words per thread (`sinks/spdlog_lines.cpp`), and waits for lines in the queues of
// asynchronous loggers. It is compiled so that the sink's header stays short, and because no
// thread-local variable is to be exported.
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

// The state of a thread. Readable during the thread's whole life, exit handlers included.
struct SinkThread {
  // The message that a front logger has submitted and is now passing to its sinks.
  const void* captured = nullptr;
  // While a backtrace is dumped: the time the dump began, ns since the Unix epoch; else 0.
  std::int64_t replay_time = 0;
  // The thread's number, as a line that was logged here had it; 0: no line yet.
  std::uint64_t number = 0;

  // True if a line of this time is one that a dump replays. The dump's banner is newer than all
  // lines that it announces, so a line after a lost end banner is not taken for one of them.
  bool is_replaying(std::int64_t time_unix_nano) const noexcept {
    return replay_time != 0 && time_unix_nano <= replay_time;
  }
};
LANGFUSE_API SinkThread& sink_thread() noexcept;

// While it lives, sinks of ours ignore this message on this thread. They nest, because a sink of
// the user's may log in turn.
struct LANGFUSE_LOCAL CapturedMessage {
  LANGFUSE_API explicit CapturedMessage(const void* message) noexcept;
  LANGFUSE_API ~CapturedMessage();

  const void* const outer;
};

// True if `text` is not a line but one of the two banners of a backtrace dump. Between them this
// thread's logger replays earlier lines, of any thread.
LANGFUSE_API bool note_banner(std::string_view text, std::int64_t time_unix_nano) noexcept;

// True if a logging library's clock is the system clock itself. SPDLOG_CLOCK_COARSE, which may be
// set for a compiled spdlog only, gives a clock that is behind. Determined once.
LANGFUSE_API bool is_exact(std::chrono::system_clock::time_point (*clock)()) noexcept;

// `text` without the line break at its end.
LANGFUSE_API std::string_view without_line_break(std::string_view text) noexcept;

// A store of up to four objects, each used by one thread at a time. Any thread; lock-free. The user
// of this class knows their type, and deletes them.
struct LANGFUSE_LOCAL Spares {
  // Null when the store is empty.
  LANGFUSE_API void* take() noexcept;
  // False when the store is full.
  LANGFUSE_API bool put(void* object) noexcept;

  // Release publishes an object's state to the thread that takes it next.
  std::atomic<void*> objects[4] = {};
};

// The common level of two loggers, each of which has its own level. It is whichever of `own` and
// `theirs` differs from `shared`; `own` wins if both do. If neither differs, it is `own`.
// `is_line`: the call is for a line that came through the front, which is noted in `shared`.
LANGFUSE_API int agree(std::atomic<int>& shared, int own, int theirs, bool is_line) noexcept;

// An entry in the list of existing sinks, for as long as it lives. A member of the sink, which is
// never copied.
struct LANGFUSE_LOCAL LiveSink {
  LANGFUSE_API explicit LiveSink(const void* of) noexcept;
  LANGFUSE_API ~LiveSink();

  // True if `sink` is in the list.
  LANGFUSE_API static bool contains(const void* sink) noexcept;

  // Ends the trial: a line came on the thread that logged it. Until then the sink may belong to an
  // asynchronous logger, and each thread records its contexts on trial.
  LANGFUSE_API void end_trial() noexcept;

  const void* const sink;
  std::atomic<bool> is_on_trial{true};
  // All guarded by a mutex of the list.
  bool is_seen = false;  // `contains` has found it
  LiveSink* previous = nullptr;
  LiveSink* next = nullptr;
};

// Makes each thread record what is current on it, because lines of asynchronous loggers will come.
LANGFUSE_API void expect_pool_lines() noexcept;

// Notes that the calling thread, which works for an asynchronous logger, has handed over a line of
// the logger with that name, and finished with it.
LANGFUSE_API void note_pool_line(std::string_view logger) noexcept;

// One marker's way through the queue of a logger. The marker either arrives at the other end, or is
// destroyed on the way because the queue discarded it. Move-only.
struct LANGFUSE_LOCAL Passage {
  struct State;

  explicit Passage(State* state) noexcept : way(state) {}
  Passage(Passage&& other) noexcept : way(other.way.exchange(nullptr)) {}
  ~Passage() { finish(way.exchange(nullptr), false); }

  void arrive() noexcept { finish(way.exchange(nullptr), true); }

  LANGFUSE_API static void finish(State* state, bool has_arrived) noexcept;

  // Null: the outcome is already reported. Arrival and destruction may be on different threads.
  // What orders them is inside spdlog, where a thread sanitizer may not see it.
  std::atomic<State*> way;
};

// A logger's error handler while a marker is sent: notes that the marker found no queue.
LANGFUSE_API void note_lost_queue(const std::string& fault) noexcept;

// The queue of one logger: first in, first out, with any number of worker threads.
struct LANGFUSE_LOCAL LoggerQueue {
  LoggerQueue(std::weak_ptr<void> logger, std::string logger_name, bool may_refuse) noexcept
      : identity(std::move(logger)), name(std::move(logger_name)), may_be_full(may_refuse) {}
  virtual ~LoggerQueue() = default;

  // Puts a marker into the queue. A marker that is destroyed during the call was refused. If the
  // queue is gone, it calls `note_lost_queue`, or throws an exception derived from
  // `std::exception`. `std::bad_alloc` does not mean that the queue is gone.
  virtual void send(Passage marker) = 0;

  // Of the logger: by its owner, because addresses are used again.
  const std::weak_ptr<void> identity;
  const std::string name;  // of the logger
  // True if a queue that refuses a marker may accept a later one; false: no marker ever comes
  // through.
  const bool may_be_full;
  bool has_ours = false;  // `LiveSink::contains` one of the logger's sinks
};
using LoggerQueues = std::vector<std::unique_ptr<LoggerQueue>>;

// From the first call on, a flush of the library waits for the lines that are in the listed queues:
// until each has reached its sink, or the flush's time is over. It waits for queues with a sink of
// ours, and for all queues when a sink of ours is found in none, because it may be wrapped in
// another sink. In a forked child it does not wait for a queue whose threads stayed in the parent,
// and names the logger once in a diagnostic. `list` runs on any thread, one at a time, and never
// after `close_queues` has returned.
LANGFUSE_API void open_queues(void (*list)(LoggerQueues&));
// Waits for the lines one last time, at most one second, because the process ends.
LANGFUSE_API void close_queues() noexcept;

// Adds a queue that `list` does not find.
LANGFUSE_API void watch_queue(std::unique_ptr<LoggerQueue> queue);

// Held during `attach` and `detach`. Not a `std::mutex`, whose header is long.
struct LANGFUSE_LOCAL AttachLock {
  LANGFUSE_API AttachLock() noexcept;
  LANGFUSE_API ~AttachLock();
};

// The front loggers that `attach` made; a destroyed one is no longer found. REQUIRES, for all
// three: an `AttachLock` is held.
//
// `use`: the number that `agree` is called with for this front; null if a line that goes directly
// to the original is not lost. If it is given, a flush names the front in a diagnostic when other
// code still holds the original.
LANGFUSE_API void add_front(const std::weak_ptr<void>& front, const std::weak_ptr<void>& original,
                            std::string_view name, std::shared_ptr<std::atomic<int>> use);
// The front that `logger` is, or whose original it is; null for any other logger.
LANGFUSE_API std::shared_ptr<void> find_front(const void* logger);
LANGFUSE_API void remove_front(const void* front) noexcept;

}  // namespace internal
}  // namespace LANGFUSE_ABI
}  // namespace langfuse

// The state that spdlog sinks, the threads that pass them lines, and the flush source share. Made
// in `spdlog_support.cpp`, waited on in `spdlog_drain.cpp`.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "langfuse/sinks/spdlog_support.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A thread that passed us lines or markers of an asynchronous logger. Lives on that thread.
struct PoolThread {
  ~PoolThread();

  bool is_listed = false;          // guarded by mutex; written by this thread only
  bool is_foreign = false;         // guarded by mutex; no marker came through it in time
  std::weak_ptr<void> logger;      // guarded by mutex; of the last marker; empty: none yet
  PoolThread* previous = nullptr;  // guarded by mutex
  PoolThread* next = nullptr;      // guarded by mutex
  // The newest drain for which this thread has finished its earlier lines. Release: what the thread
  // submitted before is visible to the drain.
  std::atomic<std::uint64_t> passed{0};
};

// Never destroyed: sinks may outlive every other static object.
struct SpdlogShared {
  static SpdlogShared& get() noexcept;

  // REQUIRES, for both: `mutex` is held.
  void begin_census() noexcept;
  bool is_any_missing() const noexcept;

  // Guards `list`, and is held while it runs; the registry's own lock is taken inside.
  std::mutex list_mutex;
  void (*list)(LoggerQueues&) = nullptr;  // guarded by list_mutex
  bool is_registered = false;             // guarded by list_mutex

  std::mutex mutex;  // a leaf: nothing is called while it is held
  std::condition_variable changed;
  bool is_draining = false;                           // guarded by mutex
  std::vector<std::shared_ptr<LoggerQueue>> watched;  // guarded by mutex
  LiveSink* sinks = nullptr;                          // guarded by mutex
  PoolThread* threads = nullptr;                      // guarded by mutex
  std::uint64_t threads_seen = 0;                     // guarded by mutex; threads ever listed
  std::uint64_t threads_confirmed = 0;  // guarded by mutex; `threads_seen` after a long drain
  std::uint64_t drains = 0;             // guarded by mutex

  // The newest drain for which all earlier lines have left the queues. A thread that passes a line
  // after that has finished its earlier lines.
  std::atomic<std::uint64_t> emptied{0};
};

struct Passage::State {
  // Refused: destroyed before it was in the queue. Overrun: discarded by the queue as its oldest
  // entry, when everything before it was out.
  enum class Fate { under_way, arrived, refused, overrun };

  std::uint64_t drain = 0;
  std::weak_ptr<void> logger;
  int owners = 2;               // guarded by mutex; the drain and the marker
  Fate fate = Fate::under_way;  // guarded by mutex
  bool is_synchronous = false;  // guarded by mutex; it arrived on the thread that sent it
};

// Puts a marker into `queue` on the calling thread. False when the queue is gone.
bool send_marker(LoggerQueue& queue, Passage marker);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

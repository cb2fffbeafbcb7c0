// The state that spdlog sinks, the threads that pass them lines, and the flush source share. Made
// in `spdlog_support.cpp`, waited on in `spdlog_drain.cpp`.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "langfuse/sinks/spdlog_support.h"
#include "model/mutex.h"

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
  // The hash of the name of the logger whose line was the last; 0: none yet. Publishes nothing.
  std::atomic<std::size_t> line_logger{0};
};

// Never destroyed: sinks may outlive every other static object.
struct SpdlogShared {
  static SpdlogShared& get() noexcept;

  void begin_census() noexcept LANGFUSE_REQUIRES(mutex);
  bool is_any_missing() const noexcept LANGFUSE_REQUIRES(mutex);
  bool is_gone(const std::weak_ptr<void>& logger) const noexcept LANGFUSE_REQUIRES(mutex);

  // Guards `list`, and is held while it runs; the registry's own lock is taken inside.
  Mutex list_mutex;
  void (*list)(LoggerQueues&) LANGFUSE_GUARDED_BY(list_mutex) = nullptr;
  bool is_registered LANGFUSE_GUARDED_BY(list_mutex) = false;

  Mutex mutex;  // a leaf: nothing is called while it is held
  Condition changed;
  bool is_draining LANGFUSE_GUARDED_BY(mutex) = false;
  std::vector<std::shared_ptr<LoggerQueue>> watched LANGFUSE_GUARDED_BY(mutex);
  LiveSink* sinks LANGFUSE_GUARDED_BY(mutex) = nullptr;
  PoolThread* threads LANGFUSE_GUARDED_BY(mutex) = nullptr;
  std::uint64_t threads_seen LANGFUSE_GUARDED_BY(mutex) = 0;  // threads ever listed
  // `threads_seen` after a long drain.
  std::uint64_t threads_confirmed LANGFUSE_GUARDED_BY(mutex) = 0;
  std::uint64_t drains LANGFUSE_GUARDED_BY(mutex) = 0;

  // In a forked child, whose loggers may have left their threads in the parent.
  std::atomic<bool> is_in_child{false};
  // The loggers that did, as far as a drain has found out.
  std::vector<std::weak_ptr<void>> gone LANGFUSE_GUARDED_BY(mutex);

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

// Whether both are of one logger.
bool is_same_logger(const std::weak_ptr<void>& one, const std::weak_ptr<void>& other) noexcept;

// Puts a marker into `queue` on the calling thread. False when the queue is gone.
bool send_marker(LoggerQueue& queue, Passage marker);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

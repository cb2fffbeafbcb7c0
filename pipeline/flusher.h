// The flusher: the one thread that takes records out of the queue, puts them into batches and makes
// the exporter send them.
//
// A batch closes when it is full (`flush_at` records, `batch_max_bytes`), at each tick of
// `flush_interval`, and when a flush draws its line.
//
// A flush is a ticket. The caller takes the watermark of every producer, and the flusher drains
// exactly that far and closes the open batches. The ticket is over when all batches closed up to
// then are settled, or when the rest cannot be settled in the caller's time. Records that other
// threads push meanwhile wait behind the line, so a flush neither starves nor reports the records
// of others as its own.
//
// Lack of memory costs at most the record that needed it: wherever something may throw, each record
// is in the queue, in a batch, with the exporter, or settled.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "exporter/exporter.h"
#include "http/http_transport.h"
#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/mutex.h"
#include "pipeline/flush_limit.h"
#include "pipeline/last_threads.h"
#include "pipeline/outcome_callbacks.h"
#include "pipeline/queue.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct FlusherOptions {
  std::size_t flush_at;
  std::size_t batch_max_bytes;
  std::chrono::nanoseconds flush_interval;
  std::chrono::nanoseconds first_tick;  // a random part of the interval, so that the
                                        // processes of a fleet do not tick together
  std::function<void(const BatchReport&)> on_batch = {};
  std::function<void(DropReason, std::uint64_t)> on_drop = {};
};

class Flusher {
 public:
  // Borrows everything except the options, and must not outlive it. `exporter` uses `transport`.
  Flusher(FlusherOptions options, Queue& queue, Exporter& exporter, HttpTransport& transport,
          const TimeSource& time);
  ~Flusher() = delete;
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  // The thread's body; returns after `stop`.
  void run();

  // Waits until everything up to `marks` is settled, until the limit, or until nothing can change
  // before the limit. Returns the number of records still pending. Any thread but the flusher's.
  std::uint64_t flush(std::vector<Watermark> marks, const FlushLimit& limit);

  // Ends the thread, and waits for that until `deadline`. The thread drops what is left as
  // `at_shutdown`. True when it has ended.
  bool stop(SteadyTime deadline);

  // Ends a wait of the thread. Any thread.
  void wake() noexcept;

  // Makes the thread check regularly whether only the library's threads are left. REQUIRES: the
  // thread has not begun.
  void watch_for_last_threads() { last_threads_ = std::make_unique<LastThreads>(); }
  // Makes the thread check that at once, if it does so at all. Any thread.
  void look_for_last_threads() noexcept;

  // The numbers so far.
  std::uint64_t delivered() const noexcept { return delivered_.load(std::memory_order_relaxed); }
  DropCounts dropped() const noexcept;
  std::uint64_t requests() const noexcept { return requests_.load(std::memory_order_relaxed); }
  // Texts that were cut because a record was too large for the server.
  std::uint64_t cut_texts() const noexcept { return cut_texts_.load(std::memory_order_relaxed); }
  // Throws only for lack of memory.
  LastError last_error() const;

 private:
  struct Ticket {
    std::vector<Watermark> marks;
    Patience patience;
    std::uint64_t epoch = 0;    // 0: the flusher has not come to it yet
    std::uint64_t pending = 0;  // valid once `epoch` is set, as `troubles` is
    Troubles troubles{};        // that keep records pending
    bool is_over = false;       // settled, or in vain
  };

  void take_commands();
  static std::uint64_t missing_of(const std::vector<Watermark>& marks) noexcept;
  void draw_line(const std::vector<Watermark>& marks) noexcept;
  std::uint64_t drain() noexcept;
  std::uint64_t drain(ProducerSlot& slot, std::uint64_t up_to) noexcept;
  void append(const QueuedRecord& record) noexcept;
  std::list<Batch>& batch_for(const QueuedRecord& record) noexcept;
  bool is_due(const Batch& batch) const noexcept;
  void close_batch(Route route) noexcept;
  void close_due_batches() noexcept;
  void close_batches() noexcept;
  void settle() noexcept;
  void book(const Settlement& settlement) noexcept;
  void book_settlements() noexcept;
  void note_trouble() noexcept;
  void tell_user() noexcept;
  Patience patience_of(const FlushLimit& limit) const noexcept LANGFUSE_REQUIRES(mutex_);
  void tell_who_waits();
  void report_to_tickets();
  SteadyTime next_review() LANGFUSE_REQUIRES(mutex_);
  bool wait(bool is_busy);
  bool turn();
  void look_when_due() noexcept;
  void trim_when_due() noexcept;
  bool wait_for_memory() noexcept;
  void finish() noexcept;

  const FlusherOptions options_;
  Queue& queue_;
  Exporter& exporter_;
  HttpTransport& transport_;
  const TimeSource& time_;

  // Used by the flusher thread only.
  std::list<Batch> open_[route_count];  // the open batch of each route, if any
  std::vector<Settlement> settlements_;
  OutcomeCallbacks callbacks_;
  std::uint64_t troubles_ = 0;       // of the exporter's; those noted so far
  std::uint64_t epoch_ = 1;          // of the batches that close now
  std::uint64_t in_hand_ = 0;        // records popped and not settled …
  std::uint64_t in_hand_bytes_ = 0;  // … and their memory, in the queue's bytes
  bool has_looked_again_ = false;    // looked once more at an empty queue since the last wait
  SteadyTime next_tick_;
  SteadyTime next_trim_ = SteadyTime::max();
  std::unique_ptr<LastThreads> last_threads_;  // null: it does not check

  mutable Mutex mutex_;
  Condition settled_;
  std::list<Ticket> tickets_ LANGFUSE_GUARDED_BY(mutex_);
  Troubles failed_with_ LANGFUSE_GUARDED_BY(mutex_){};  // what stopped the last flush
  bool stop_requested_ LANGFUSE_GUARDED_BY(mutex_) = false;
  bool has_ended_ LANGFUSE_GUARDED_BY(mutex_) = false;
  LastError last_error_ LANGFUSE_GUARDED_BY(mutex_);
  std::atomic<bool> has_command_{false};  // tickets or stop to look at; release: publishes them
  std::atomic<bool> wake_requested_{false};
  std::atomic<bool> look_requested_{false};

  // Written by the flusher thread only.
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> dropped_[drop_reason_count]{};
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> cut_texts_{0};
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

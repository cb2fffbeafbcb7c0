// The bounded queue between the application's threads and the flusher.
//
// Each producing thread owns a slot with a moodycamel producer token, so that what one thread
// submits stays in order and no two threads touch the same cache line on the way in, except for one
// counter: the load, records and bytes in one word, which bounds the whole pipeline exactly. A
// record counts against it from `push` until the flusher says that it is settled. Slots of threads
// that ended are used again; nothing here is ever destroyed.
//
// Thread safety: `push` and what reads counters, by any thread. `pop`, `release`, `ask_for_wake`
// and `forget_wake` are the flusher's.
//
// Invariants:
//   1. The bytes and records of `load_` are those of all records that were pushed and not released,
//      and for a moment those of records that are being turned away.
//   2. A slot's `pushed` is how many records its threads pushed, and `seen` how many of them the
//      flusher popped. They come out in the order in which they went in, so that the n-th has the
//      sequence n, and `seen == pushed` means that nothing of it is in the queue.
//   3. Whoever changes `load_` and then looks at `is_closed_` or at what the flusher asked for, and
//      whoever writes one of these and then changes `load_`, cannot miss each other: of two changes
//      of one atomic one comes first, the second sees what happened before the first, and all
//      changes of `load_` are read-modify-writes that acquire and release. This is the one locked
//      instruction of a push.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/counters.h"
#include "model/mutex.h"
#include "pipeline/concurrent_queue.h"
#include "storage/record_memory.h"
#include "storage/record_runs.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What one thread at a time produces through.
struct ProducerSlot {
  explicit ProducerSlot(moodycamel::ConcurrentQueue<QueuedRecord>& queue) : token(queue) {}

  moodycamel::ProducerToken token;
  ProducerSlot* next = nullptr;  // in the list of all slots; never changes once it is in the list
  std::atomic<bool> is_owned{true};  // by a living thread

  // True from before the owner changes the load until its push is over. Release when it is over:
  // publishes the push.
  std::atomic<bool> is_busy{false};
  // Records pushed so far. Written by the owner after the push, release: publishes the push to
  // whoever takes a watermark.
  std::atomic<std::uint64_t> pushed{0};

  // The flusher's own: records taken out of the queue.
  alignas(64) std::uint64_t seen = 0;
};

// How far each slot had come when a flush began.
struct Watermark {
  ProducerSlot* slot;
  std::uint64_t pushed;
};

struct QueueLimits {
  std::size_t max_records;
  std::size_t max_bytes;
};

class Queue {
 public:
  // Records that it refuses are counted in `dropped`, which is borrowed.
  Queue(QueueLimits limits, DropCounters& dropped);
  ~Queue() = delete;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Takes the record, or counts why not. Calls `wake` when the flusher asked for it. Any thread.
  bool push(RecordPtr record) noexcept;

  // From now on every push is refused as `after_shutdown`.
  void close() noexcept;
  // Acquire: who sees the end sees what came before it.
  bool is_closed() const noexcept { return is_closed_.load(std::memory_order_acquire); }
  // Whether no push that began before `close` is still under way.
  bool is_quiet() const noexcept;

  // What has been pushed by now: everything that happens before this call. Any thread.
  std::vector<Watermark> watermarks() const;

  // The flusher's side. The first of all slots, new ones first, and then by `next`.
  ProducerSlot* slots() const noexcept { return slots_.load(std::memory_order_acquire); }
  // The oldest records of one slot, at most `most`; none when nothing of it is in the queue.
  std::size_t pop(ProducerSlot& slot, QueuedRecord* records, std::size_t most) noexcept;
  // Gives back the room of settled records.
  void release(std::uint64_t records, std::uint64_t footprint) noexcept;
  // Asks for `wake` once the load reaches `records` or `bytes`. True when it already has: then
  // there is nothing to wait for.
  bool ask_for_wake(std::uint64_t records, std::uint64_t bytes) noexcept;
  void forget_wake() noexcept;
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }  // before the first push

  std::uint64_t held_records() const noexcept;
  std::uint64_t held_bytes() const noexcept;
  std::uint64_t pushed() const noexcept;  // by all threads
  DropCounts refused() const noexcept { return dropped_.counts(); }
  // At most, what the queue's blocks and the threads' chunks keep for reuse.
  std::uint64_t retained_bytes() const noexcept;

 private:
  // Null when there is no memory, or the thread is ending.
  ProducerSlot* this_threads_slot() noexcept;
  [[gnu::noinline]] ProducerSlot* find_slot() noexcept;
  // For a thread without a slot.
  [[gnu::noinline]] bool push_as_orphan(RecordPtr record) noexcept;
  ProducerSlot* acquire_slot() noexcept;
  bool push_to(ProducerSlot& slot, RecordPtr record) noexcept;
  bool may_take(std::uint64_t load, RecordKind kind, DropReason& reason) const noexcept;
  bool enqueue(ProducerSlot& slot, RecordPtr& record, DropReason& reason) noexcept;
  void wake_if_asked(std::uint64_t load) noexcept;

  const QueueLimits limits_;
  DropCounters& dropped_;
  moodycamel::ConcurrentQueue<QueuedRecord> queue_;
  std::function<void()> wake_;

  std::atomic<ProducerSlot*> slots_{nullptr};  // release: publishes the slots
  // For threads that submit while their thread-locals are being destroyed: they share one slot.
  Mutex orphan_mutex_;
  ProducerSlot* orphan_slot_ LANGFUSE_GUARDED_BY(orphan_mutex_) = nullptr;

  std::atomic<bool> is_closed_{false};
  alignas(64) std::atomic<std::uint64_t> load_{0};  // records << 40 | bytes
  alignas(64) std::atomic<std::uint64_t> wake_records_{UINT64_MAX};
  std::atomic<std::uint64_t> wake_bytes_{UINT64_MAX};
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "pipeline/queue.h"

#include <algorithm>
#include <new>
#include <utility>

#include "model/likely.h"
#include "pipeline/last_threads.h"
#include "storage/chunk_home.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr int bytes_bits = 40;
constexpr std::uint64_t bytes_mask = (std::uint64_t{1} << bytes_bits) - 1;
constexpr std::uint64_t one_record = std::uint64_t{1} << bytes_bits;

// Far enough below what the fields of `load_` hold that no number of threads can overflow them
// while they are turned away.
constexpr std::size_t most_countable_records = std::size_t{1} << 22;
constexpr std::size_t most_countable_bytes = std::size_t{1} << 38;

constexpr std::size_t initial_capacity = 4096;  // records; the queue grows beyond it on demand

enum class ThreadPhase : unsigned char { unborn, alive, ended };

// The slot of this thread. Trivially destructible: it can be read until the thread's very end, and
// `phase` says that the slot has been given back.
struct ThreadState {
  Queue* queue;
  ProducerSlot* slot;
  ThreadPhase phase;
};
thread_local ThreadState this_thread{nullptr, nullptr, ThreadPhase::unborn};

void give_back_slot() noexcept {
  if (this_thread.slot != nullptr)
    this_thread.slot->is_owned.store(false, std::memory_order_release);
  this_thread.slot = nullptr;
  this_thread.queue = nullptr;
}

// Gives the slot back when the thread ends.
struct ThreadEnd {
  ~ThreadEnd() {
    give_back_slot();
    this_thread.phase = ThreadPhase::ended;
  }
};

}  // namespace

Queue::Queue(QueueLimits limits, DropCounters& dropped)
    : limits_{std::min(limits.max_records, most_countable_records),
              std::min(limits.max_bytes, most_countable_bytes)},
      dropped_(dropped),
      queue_(initial_capacity) {
  limit_chunks(limits_.max_bytes);
}

bool Queue::push(RecordPtr record) noexcept {
  ProducerSlot* const slot = this_threads_slot();
  if (!likely(slot != nullptr)) return push_as_orphan(std::move(record));
  // Only this thread sets it, so a signal handler is what runs here, in the middle of a push.
  if (!likely(!slot->is_busy.load(std::memory_order_relaxed))) {
    dropped_.add(DropReason::reentrant);
    return false;
  }
  return push_to(*slot, std::move(record));
}

bool Queue::push_as_orphan(RecordPtr record) noexcept {
  const MutexLock lock(orphan_mutex_);
  if (orphan_slot_ == nullptr) orphan_slot_ = acquire_slot();
  if (orphan_slot_ == nullptr) {
    dropped_.add(DropReason::out_of_memory);
    return false;
  }
  return push_to(*orphan_slot_, std::move(record));
}

// Announces itself by `is_busy` and `load_`, and only then looks whether the queue is closed: see
// `close`.
bool Queue::push_to(ProducerSlot& slot, RecordPtr record) noexcept {
  slot.is_busy.store(true, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);  // for a handler on this thread
  DropReason reason = DropReason::out_of_memory;
  bool is_taken = false;
  if (record->kind != RecordKind::score || keep_record(record)) {
    const std::uint64_t weight = one_record | record->footprint();
    const std::uint64_t load = load_.fetch_add(weight, std::memory_order_acq_rel) + weight;
    if (may_take(load, record->kind, reason)) {
      is_taken = enqueue(slot, record, reason);
    }
    if (is_taken) {
      wake_if_asked(load);
    } else {
      load_.fetch_sub(weight, std::memory_order_acq_rel);
    }
  }
  slot.is_busy.store(false, std::memory_order_release);
  if (!is_taken) dropped_.add(reason);
  return is_taken;
}

bool Queue::may_take(std::uint64_t load, RecordKind kind, DropReason& reason) const noexcept {
  // Log lines leave a quarter to the observations they belong to.
  const bool is_line = kind == RecordKind::log_line;
  const std::uint64_t max_records = is_line ? limits_.max_records / 4 * 3 : limits_.max_records;
  const std::uint64_t max_bytes = is_line ? limits_.max_bytes / 4 * 3 : limits_.max_bytes;
  if (is_closed_.load(std::memory_order_relaxed)) {
    reason = DropReason::after_shutdown;
  } else if (load >> bytes_bits > max_records) {
    reason = DropReason::queue_full;
  } else if ((load & bytes_mask) > max_bytes) {
    reason = DropReason::queue_bytes;
  } else {
    return true;
  }
  return false;
}

bool Queue::enqueue(ProducerSlot& slot, RecordPtr& record, DropReason& reason) noexcept {
  const std::uint64_t sequence = slot.pushed.load(std::memory_order_relaxed) + 1;
  record->sequence = sequence;
  if (!queue_.enqueue(slot.token, RecordRuns::queued(*record))) {
    reason = DropReason::out_of_memory;
    return false;
  }
  static_cast<void>(record.release());  // the queue's now, and perhaps gone already
  slot.pushed.store(sequence, std::memory_order_release);
  return true;
}

void Queue::wake_if_asked(std::uint64_t load) noexcept {
  if (load >> bytes_bits < wake_records_.load(std::memory_order_relaxed) &&
      (load & bytes_mask) < wake_bytes_.load(std::memory_order_relaxed))
    return;
  // One producer wakes; the flusher asks again before it next waits. An exchange that takes the
  // bytes of a request sees its records, too: `ask_for_wake` writes them first.
  wake_bytes_.exchange(UINT64_MAX, std::memory_order_acq_rel);
  if (wake_records_.exchange(UINT64_MAX, std::memory_order_acq_rel) != UINT64_MAX) wake_();
}

// A push announces itself (its slot is in the list, and busy), changes `load_`, and then looks
// whether the queue is closed. This closes it and changes `load_`, and `is_quiet` then looks for
// announcements. If the change of the push comes first, this one sees it and all that happened
// before it, the slot of a thread's first push included: `is_quiet` waits for it. If it comes
// second, the push sees that the queue is closed.
void Queue::close() noexcept {
  is_closed_.store(true, std::memory_order_release);
  load_.fetch_add(0, std::memory_order_acq_rel);
}

bool Queue::is_quiet() const noexcept {
  for (const ProducerSlot* slot = slots(); slot != nullptr; slot = slot->next) {
    if (slot->is_busy.load(std::memory_order_acquire)) return false;
  }
  return true;
}

std::vector<Watermark> Queue::watermarks() const {
  std::vector<Watermark> marks;
  for (ProducerSlot* slot = slots(); slot != nullptr; slot = slot->next) {
    marks.push_back({slot, slot->pushed.load(std::memory_order_acquire)});
  }
  return marks;
}

std::size_t Queue::pop(ProducerSlot& slot, QueuedRecord* records, std::size_t most) noexcept {
  const std::uint64_t there = slot.pushed.load(std::memory_order_acquire) - slot.seen;
  if (there == 0) return 0;
  const std::size_t count = queue_.try_dequeue_bulk_from_producer(
      slot.token, records, static_cast<std::size_t>(std::min<std::uint64_t>(there, most)));
  slot.seen += count;
  return count;
}

void Queue::release(std::uint64_t records, std::uint64_t footprint) noexcept {
  load_.fetch_sub(records * one_record + footprint, std::memory_order_acq_rel);
}

bool Queue::ask_for_wake(std::uint64_t records, std::uint64_t bytes) noexcept {
  // Records first: a producer that still answers an earlier request takes both away, the bytes
  // before the records, and wakes for what it found there. Never does it take the bytes alone.
  wake_records_.store(records, std::memory_order_relaxed);
  wake_bytes_.store(bytes, std::memory_order_release);
  // A change, not a look: see the third invariant.
  const std::uint64_t load = load_.fetch_add(0, std::memory_order_acq_rel);
  return load >> bytes_bits >= records || (load & bytes_mask) >= bytes;
}

void Queue::forget_wake() noexcept {
  wake_bytes_.store(UINT64_MAX, std::memory_order_relaxed);
  wake_records_.store(UINT64_MAX, std::memory_order_relaxed);
}

std::uint64_t Queue::held_records() const noexcept {
  return load_.load(std::memory_order_acquire) >> bytes_bits;
}

std::uint64_t Queue::held_bytes() const noexcept {
  return load_.load(std::memory_order_acquire) & bytes_mask;
}

std::uint64_t Queue::pushed() const noexcept {
  std::uint64_t sum = 0;
  for (const ProducerSlot* slot = slots(); slot != nullptr; slot = slot->next) {
    sum += slot->pushed.load(std::memory_order_acquire);
  }
  return sum;
}

std::uint64_t Queue::retained_bytes() const noexcept {
  // What is queued, and its share of the header and the index of moodycamel's block.
  constexpr std::uint64_t per_record = sizeof(QueuedRecord) + 4;
  const std::uint64_t held = held_bytes();
  std::uint64_t sum = initial_capacity * per_record + chunk_bytes() - std::min(chunk_bytes(), held);
  for (const ProducerSlot* slot = slots(); slot != nullptr; slot = slot->next) {
    sum +=
        std::min<std::uint64_t>(slot->pushed.load(std::memory_order_relaxed), limits_.max_records) *
        per_record;
  }
  return sum;
}

ProducerSlot* Queue::this_threads_slot() noexcept {
  return likely(this_thread.queue == this) ? this_thread.slot : find_slot();
}

ProducerSlot* Queue::find_slot() noexcept {
  if (this_thread.phase == ThreadPhase::ended) return nullptr;
  give_back_slot();  // that of an earlier client
  ProducerSlot* const slot = acquire_slot();
  if (slot == nullptr) return nullptr;
  static thread_local ThreadEnd thread_end;
  static_cast<void>(thread_end);
  notice_end_of_this_thread();
  this_thread = {this, slot, ThreadPhase::alive};
  return slot;
}

// A slot whose thread has ended, or a new one. Lock-free; walks the list once in the life of a
// thread.
ProducerSlot* Queue::acquire_slot() noexcept {
  for (ProducerSlot* slot = slots(); slot != nullptr; slot = slot->next) {
    bool expected = false;
    if (slot->is_owned.compare_exchange_strong(expected, true, std::memory_order_acq_rel))
      return slot;
  }
  ProducerSlot* const slot = new (std::nothrow) ProducerSlot(queue_);
  if (slot == nullptr) return nullptr;
  if (!slot->token.valid()) {
    delete slot;
    return nullptr;
  }
  slot->next = slots_.load(std::memory_order_acquire);
  while (!slots_.compare_exchange_weak(slot->next, slot, std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {
  }
  return slot;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

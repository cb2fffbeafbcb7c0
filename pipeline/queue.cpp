#include "pipeline/queue.h"

#include <algorithm>
#include <new>
#include <utility>

#include "pipeline/last_threads.h"

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
      queue_(initial_capacity) {}

bool Queue::push(RecordPtr record) noexcept {
  ProducerSlot* const slot = this_threads_slot();
  if (slot != nullptr) {
    // Only this thread sets it, so a signal handler is what runs here, in the middle of a push.
    if (slot->is_busy.load(std::memory_order_relaxed)) {
      dropped_.add(DropReason::reentrant);
      return false;
    }
    return push_to(*slot, std::move(record));
  }
  const std::lock_guard<std::mutex> lock(orphan_mutex_);
  if (orphan_slot_ == nullptr) orphan_slot_ = acquire_slot();
  if (orphan_slot_ == nullptr) {
    dropped_.add(DropReason::out_of_memory);
    return false;
  }
  return push_to(*orphan_slot_, std::move(record));
}

bool Queue::push_to(ProducerSlot& slot, RecordPtr record) noexcept {
  // Announce, then look: `close` does the same the other way round, so that one of the two sees the
  // other.
  slot.is_busy.store(true, std::memory_order_seq_cst);
  DropReason reason = DropReason::after_shutdown;
  bool is_taken = false;
  std::uint64_t sequence = 0;
  if (!is_closed_.load(std::memory_order_seq_cst)) {
    const std::uint64_t footprint = record->footprint();
    const std::uint64_t weight = one_record | footprint;
    const std::uint64_t load = load_.fetch_add(weight, std::memory_order_seq_cst) + weight;
    // Log lines leave a quarter to the observations they belong to.
    const bool is_line = record->kind == RecordKind::log_line;
    const std::uint64_t max_records = is_line ? limits_.max_records / 4 * 3 : limits_.max_records;
    const std::uint64_t max_bytes = is_line ? limits_.max_bytes / 4 * 3 : limits_.max_bytes;
    if (load >> bytes_bits > max_records) {
      reason = DropReason::queue_full;
    } else if ((load & bytes_mask) > max_bytes) {
      reason = DropReason::queue_bytes;
    } else {
      sequence = slot.pushed.load(std::memory_order_relaxed) + 1;
      record->slot = &slot;
      record->sequence = sequence;
      is_taken = queue_.enqueue(slot.token, record.get());
      reason = DropReason::out_of_memory;
    }
    if (is_taken) {
      static_cast<void>(record.release());  // the queue's now, and perhaps gone already
      slot.pushed.store(sequence, std::memory_order_release);
      if (load >> bytes_bits >= wake_records_.load(std::memory_order_seq_cst) ||
          (load & bytes_mask) >= wake_bytes_.load(std::memory_order_seq_cst)) {
        // One producer wakes; the flusher asks again before it next waits.
        wake_bytes_.store(UINT64_MAX, std::memory_order_relaxed);
        if (wake_records_.exchange(UINT64_MAX) != UINT64_MAX) wake_();
      }
    } else {
      load_.fetch_sub(weight, std::memory_order_relaxed);
    }
  }
  slot.is_busy.store(false, std::memory_order_release);
  if (!is_taken) dropped_.add(reason);
  return is_taken;
}

// A push announces itself (its slot is in the list, and busy) and then looks whether the queue is
// closed; this closes it, and `is_quiet` then looks for announcements. All four are seq_cst, so
// that in their one order either the push comes first, and is seen, or it sees that the queue is
// closed. The list is part of it: the slot of a thread's first push is new there.
void Queue::close() noexcept {
  is_closed_.store(true, std::memory_order_seq_cst);
}

bool Queue::is_quiet() const noexcept {
  for (const ProducerSlot* slot = slots_.load(std::memory_order_seq_cst); slot != nullptr;
       slot = slot->next) {
    if (slot->is_busy.load(std::memory_order_seq_cst)) return false;
  }
  return true;
}

std::vector<Watermark> Queue::watermarks() const {
  std::vector<Watermark> marks;
  for (ProducerSlot* slot = slots_.load(std::memory_order_seq_cst); slot != nullptr;
       slot = slot->next) {
    marks.push_back({slot, slot->pushed.load(std::memory_order_acquire)});
  }
  return marks;
}

std::size_t Queue::pop(Record** records, std::size_t most) noexcept {
  return queue_.try_dequeue_bulk(records, most);
}

void Queue::release(std::uint64_t records, std::uint64_t footprint) noexcept {
  load_.fetch_sub(records * one_record + footprint, std::memory_order_seq_cst);
}

bool Queue::ask_for_wake(std::uint64_t records, std::uint64_t bytes) noexcept {
  // Records first: a producer that still answers an earlier request takes both away, the bytes
  // before the records, and wakes for what it found there. Never does it take the bytes alone.
  wake_records_.store(records, std::memory_order_seq_cst);
  wake_bytes_.store(bytes, std::memory_order_seq_cst);
  const std::uint64_t load = load_.load(std::memory_order_seq_cst);
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
  for (const ProducerSlot* slot = slots_.load(std::memory_order_acquire); slot != nullptr;
       slot = slot->next) {
    sum += slot->pushed.load(std::memory_order_acquire);
  }
  return sum;
}

std::uint64_t Queue::retained_bytes() const noexcept {
  constexpr std::uint64_t per_record =
      12;  // moodycamel: a pointer, and its share of the block's header and index
  std::uint64_t sum = initial_capacity * per_record;
  for (const ProducerSlot* slot = slots_.load(std::memory_order_acquire); slot != nullptr;
       slot = slot->next) {
    sum +=
        std::min<std::uint64_t>(slot->pushed.load(std::memory_order_relaxed), limits_.max_records) *
        per_record;
  }
  return sum;
}

ProducerSlot* Queue::this_threads_slot() noexcept {
  if (this_thread.queue == this) return this_thread.slot;
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
  for (ProducerSlot* slot = slots_.load(std::memory_order_acquire); slot != nullptr;
       slot = slot->next) {
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
  // seq_cst: see `close`.
  while (!slots_.compare_exchange_weak(slot->next, slot, std::memory_order_seq_cst)) {
  }
  return slot;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

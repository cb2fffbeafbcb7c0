#include "pipeline/flusher.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/thread.h"
#include "storage/chunk_home.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t pop_at_once = 256;
// From here on a larger body is hardly cheaper, and proxies that take 1 MB still take it.
constexpr std::size_t body_worth_sending = std::size_t{512} * 1024;
constexpr std::size_t settlements_at_once = 64;  // that need no memory

// Twice this after a burst, its memory is the system's again.
constexpr std::chrono::seconds between_trims{10};

// How long to wait after a lack of memory.
constexpr std::chrono::milliseconds until_memory{100};

// How long to wait for a producer that was admitted and has not pushed yet: it is between two
// instructions, or descheduled.
constexpr std::chrono::milliseconds straggler_wait{1};

}  // namespace

Flusher::Flusher(FlusherOptions options, Queue& queue, Exporter& exporter, HttpTransport& transport,
                 const TimeSource& time)
    : options_(std::move(options)),
      queue_(queue),
      exporter_(exporter),
      transport_(transport),
      time_(time),
      callbacks_(options_.on_batch, options_.on_drop),
      next_tick_(saturating_add(time.now(), options_.first_tick)) {
  settlements_.reserve(settlements_at_once);
}

void Flusher::run() {
  const LibraryScope library_scope;
  forbid_waiting();
  bool goes_on = true;
  while (goes_on) {
    try {
      goes_on = turn();
    } catch (const std::exception& exception) {
      // No record is lost by it, and the thread must go on for their sake.
      report(Diagnostic::Severity::error, "the background thread: ", exception.what());
      goes_on = wait_for_memory();
    }
  }
  finish();
}

// Does what there is to do, and waits for more. False when it is time to stop.
bool Flusher::turn() {
  look_when_due();
  take_commands();
  const std::uint64_t drained = drain();
  if (time_.now() >= next_tick_) {
    close_batches();
    next_tick_ = saturating_add(time_.now(), options_.flush_interval);
  }
  tell_who_waits();
  settle();
  trim_when_due();
  report_to_tickets();
  return wait(drained > 0);
}

void Flusher::look_when_due() noexcept {
  if (last_threads_ == nullptr) return;
  if (look_requested_.exchange(false, std::memory_order_relaxed)) last_threads_->hurry();
  last_threads_->look();
}

// Memory that a burst left behind goes back to the system: what was spare at two trims and between
// them. Where nothing is spare, nobody is woken for it.
void Flusher::trim_when_due() noexcept {
  const SteadyTime now = time_.now();
  if (now >= next_trim_) {
    trim_chunks();
    exporter_.trim();
    next_trim_ = SteadyTime::max();
  }
  if (next_trim_ == SteadyTime::max() && (has_free_chunks() || exporter_.has_spare_memory()))
    next_trim_ = saturating_add(now, between_trims);
}

bool Flusher::wait_for_memory() noexcept {
  MutexLock lock(mutex_);
  settled_.wait_for(lock, until_memory,
                    [this]() LANGFUSE_REQUIRES(mutex_) { return stop_requested_; });
  return !stop_requested_;
}

bool Flusher::stop(SteadyTime deadline) {
  const CancellationGuard no_cancellation;
  MutexLock lock(mutex_);
  stop_requested_ = true;
  has_command_.store(true, std::memory_order_release);
  transport_.wake();
  return settled_.wait_until(lock, deadline,
                             [this]() LANGFUSE_REQUIRES(mutex_) { return has_ended_; });
}

void Flusher::wake() noexcept {
  wake_requested_.store(true, std::memory_order_release);
  transport_.wake();
}

void Flusher::look_for_last_threads() noexcept {
  if (last_threads_ == nullptr) return;
  look_requested_.store(true, std::memory_order_relaxed);
  transport_.wake();
}

DropCounts Flusher::dropped() const noexcept {
  DropCounts result;
  for (int i = 0; i < drop_reason_count; ++i)
    result.counts[i] = dropped_[i].load(std::memory_order_relaxed);
  return result;
}

LastError Flusher::last_error() const {
  const MutexLock lock(mutex_);
  return last_error_;
}

// Takes what is in the queue now, and not what comes meanwhile, so that busy producers cannot keep
// the flusher in here. Returns how much that was.
std::uint64_t Flusher::drain() noexcept {
  std::uint64_t count = 0;
  for (ProducerSlot* slot = queue_.slots(); slot != nullptr; slot = slot->next) {
    count += drain(*slot, slot->pushed.load(std::memory_order_acquire));
  }
  return count;
}

// Takes what one slot has pushed, up to the sequence `up_to`. REQUIRES: it has pushed as much.
std::uint64_t Flusher::drain(ProducerSlot& slot, std::uint64_t up_to) noexcept {
  QueuedRecord records[pop_at_once];
  std::uint64_t drained = 0;
  while (slot.seen < up_to) {
    const std::size_t count = queue_.pop(
        slot, records,
        static_cast<std::size_t>(std::min<std::uint64_t>(up_to - slot.seen, pop_at_once)));
    for (std::size_t i = 0; i < count; ++i) append(records[i]);
    drained += count;
  }
  return drained;
}

// Without memory for the batch it belongs to, the record alone is dropped.
void Flusher::append(const QueuedRecord& record) noexcept {
  ++in_hand_;
  in_hand_bytes_ += record.footprint;
  try {
    std::list<Batch>& open = batch_for(record);
    if (open.empty()) open.emplace_back().route = record.record->route();
    Batch& batch = open.front();
    batch.records.push_back(record);
    if (is_due(batch)) close_batch(batch.route);
  } catch (const std::bad_alloc&) {
    Settlement lost;
    lost.route = record.record->route();
    lost.records = 1;
    lost.footprint = record.footprint;
    lost.reason = DropReason::out_of_memory;
    RecordPtr(record.record).reset();
    book(lost);
  }
}

// The batch that the record goes into, with room for it; an empty list where that is yet to begin.
// A record that continues the last one is of the same route, and need not be looked at.
std::list<Batch>& Flusher::batch_for(const QueuedRecord& record) noexcept {
  std::list<Batch>& spans = open_[static_cast<int>(Route::spans)];
  const bool is_next_span = !spans.empty() && spans.front().records.is_continued_by(record);
  const Route route = is_next_span ? Route::spans : record.record->route();
  std::list<Batch>& open = open_[static_cast<int>(route)];
  if (!open.empty() && open.front().records.bytes() + record.size > options_.batch_max_bytes)
    close_batch(route);
  return open;
}

// A request costs as much as hundreds of records. So a batch of spans that would only wait for the
// one before it goes on growing meanwhile, as long as that makes requests cheaper. Scores do not:
// each has an answer of its own.
bool Flusher::is_due(const Batch& batch) const noexcept {
  if (batch.records.bytes() >= options_.batch_max_bytes) return true;
  if (batch.records.size() < options_.flush_at) return false;
  return batch.route == Route::scores || batch.records.bytes() >= body_worth_sending ||
         !exporter_.is_busy(batch.route);
}

void Flusher::close_due_batches() noexcept {
  for (const std::list<Batch>& open : open_) {
    if (!open.empty() && is_due(open.front())) close_batch(open.front().route);
  }
}

void Flusher::close_batch(Route route) noexcept {
  std::list<Batch>& open = open_[static_cast<int>(route)];
  if (open.empty() || open.front().records.empty()) return;
  open.front().epoch = epoch_;
  exporter_.add(open);
}

void Flusher::close_batches() noexcept {
  close_batch(Route::spans);
  close_batch(Route::scores);
}

// Lets the exporter work.
void Flusher::settle() noexcept {
  settlements_.clear();
  exporter_.poll(settlements_);
  close_due_batches();
  exporter_.poll(settlements_);
  std::uint64_t requests = 0;
  for (const std::uint64_t answers : exporter_.answers()) requests += answers;
  requests_.store(requests, std::memory_order_relaxed);
  cut_texts_.store(exporter_.cut_texts(), std::memory_order_relaxed);
  book_settlements();
  note_trouble();
  tell_user();
}

void Flusher::book(const Settlement& settlement) noexcept {
  std::atomic<std::uint64_t>& counter =
      settlement.is_delivered ? delivered_ : dropped_[static_cast<int>(settlement.reason)];
  counter.store(counter.load(std::memory_order_relaxed) + settlement.records,
                std::memory_order_relaxed);
  in_hand_ -= settlement.records;
  in_hand_bytes_ -= settlement.footprint;
  queue_.release(settlement.records, settlement.footprint);
}

void Flusher::book_settlements() noexcept {
  for (const Settlement& settlement : settlements_) book(settlement);
}

void Flusher::note_trouble() noexcept {
  if (exporter_.troubles() == troubles_) return;
  try {
    LastError latest{exporter_.last_trouble(), wall_now_ns()};
    const MutexLock lock(mutex_);
    last_error_.text.swap(latest.text);
    last_error_.time_unix_nano = latest.time_unix_nano;
    troubles_ = exporter_.troubles();
  } catch (const std::bad_alloc&) {
    // Noted in the next turn; until then the trouble before it stays the last.
    return;
  }
}

// Before the tickets hear of it: who returns from a flush has been told.
void Flusher::tell_user() noexcept {
  callbacks_.tell_batches(settlements_);
  DropCounts total = dropped();
  const DropCounts refused = queue_.refused();
  for (int i = 0; i < drop_reason_count; ++i) total.counts[i] += refused.counts[i];
  callbacks_.tell_drops(total);
}

// Waits for something to do; `is_busy` says that the queue was not empty just now. False when it is
// time to stop.
bool Flusher::wait(bool is_busy) {
  SteadyTime until = std::min({next_tick_, next_trim_, exporter_.due()});
  {
    const MutexLock lock(mutex_);
    if (stop_requested_) return false;
    until = std::min(until, next_review());
  }
  if (has_command_.load(std::memory_order_acquire) ||
      wake_requested_.load(std::memory_order_acquire))
    return true;
  // Of the batch that is nearest to full: nobody knows of what kind the records are that will come.
  std::uint64_t records_to_go = options_.flush_at;
  std::uint64_t bytes_to_go = options_.batch_max_bytes;
  for (const std::list<Batch>& open : open_) {
    if (open.empty()) continue;
    const Batch& batch = open.front();
    if (batch.records.size() < options_.flush_at) {
      records_to_go =
          std::min<std::uint64_t>(records_to_go, options_.flush_at - batch.records.size());
    }
    bytes_to_go = std::min<std::uint64_t>(
        bytes_to_go,
        options_.batch_max_bytes - std::min(options_.batch_max_bytes, batch.records.bytes()));
  }
  if (queue_.ask_for_wake(in_hand_ + records_to_go, in_hand_bytes_ + bytes_to_go)) {
    // A record that came between the last look and the request is found by another look; after
    // that, whoever is missing will see the request and wake.
    if (is_busy || !has_looked_again_) {
      has_looked_again_ = !is_busy;
      queue_.forget_wake();
      return true;
    }
    until = std::min(until, saturating_add(time_.now(), straggler_wait));
  }
  has_looked_again_ = false;
  if (last_threads_ != nullptr) until = std::min(until, last_threads_->due());
  transport_.wait(until);
  queue_.forget_wake();
  return true;
}

void Flusher::finish() noexcept {
  // A line would need memory for its marks; here everything that was pushed goes the same way.
  while (drain() > 0) {
  }
  close_batches();
  settlements_.clear();
  exporter_.abandon(settlements_);
  transport_.cancel_all();
  book_settlements();
  tell_user();
  const MutexLock lock(mutex_);
  for (Ticket& ticket : tickets_) {
    ticket.pending = 0;
    ticket.is_over = true;
  }
  has_ended_ = true;
  settled_.notify_all();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The flushes that wait: what each waits for, and when it is over.

#include <algorithm>
#include <chrono>
#include <iterator>
#include <new>
#include <utility>

#include "pipeline/flusher.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::uint64_t Flusher::flush(std::vector<Watermark> marks, const FlushLimit& limit) {
  const CancellationGuard no_cancellation;
  std::uint64_t submitted = 0;
  for (const Watermark& mark : marks) submitted += mark.pushed;
  MutexLock lock(mutex_);
  if (has_ended_) return 0;
  tickets_.emplace_back();
  const auto ticket = std::prev(tickets_.end());
  ticket->marks = std::move(marks);
  ticket->patience = patience_of(limit);
  has_command_.store(true, std::memory_order_release);
  transport_.wake();
  settled_.wait_until(lock, limit.deadline, [&ticket] { return ticket->is_over; });
  // A flusher that has not come to the ticket cannot say what is pending; nothing that is held was
  // settled then.
  const std::uint64_t pending = ticket->is_over || ticket->epoch != 0
                                    ? ticket->pending
                                    : std::min(submitted, queue_.held_records());
  failed_with_ = pending == 0 ? Troubles{} : ticket->troubles;
  tickets_.erase(ticket);
  return pending;
}

// By the clock of the exporter.
Patience Flusher::patience_of(const FlushLimit& limit) const noexcept {
  const SteadyTime here = std::chrono::steady_clock::now();
  const SteadyTime there = time_.now();
  Patience patience;
  patience.began = there;
  patience.until = saturating_add(there, limit.deadline - here);
  patience.until_without_server = saturating_add(there, limit.deadline_without_server - here);
  patience.is_last = limit.is_last;
  patience.failed_before = failed_with_;
  return patience;
}

// Draws the line of every ticket that is new.
void Flusher::take_commands() {
  if (wake_requested_.exchange(false, std::memory_order_acquire)) {
    drain();
    close_batches();
  }
  if (!has_command_.exchange(false, std::memory_order_acquire)) return;
  while (true) {
    std::vector<Watermark> marks;
    {
      const MutexLock lock(mutex_);
      const auto ticket = std::find_if(tickets_.begin(), tickets_.end(),
                                       [](const Ticket& t) { return t.epoch == 0; });
      if (ticket == tickets_.end()) return;
      marks.swap(ticket->marks);
      ticket->epoch = epoch_;
      ticket->patience.answers_before = exporter_.answers();
      ticket->pending = missing_of(marks) + exporter_.unsettled(epoch_);
      for (const auto& open : open_)
        ticket->pending += open.empty() ? 0 : open.front().records.size();
    }
    draw_line(marks);
    exporter_.probe();
  }
}

// How many records up to the marks are still in the queue.
std::uint64_t Flusher::missing_of(const std::vector<Watermark>& marks) noexcept {
  std::uint64_t missing = 0;
  for (const Watermark& mark : marks) {
    missing += mark.pushed - std::min(mark.pushed, mark.slot->seen);
  }
  return missing;
}

// Closes all that was submitted up to the marks under the present epoch, and nothing but that and
// what the flusher had taken before.
void Flusher::draw_line(const std::vector<Watermark>& marks) noexcept {
  for (const Watermark& mark : marks) drain(*mark.slot, mark.pushed);
  close_batches();
  ++epoch_;
}

void Flusher::tell_who_waits() {
  SteadyTime latest = SteadyTime::min();
  {
    const MutexLock lock(mutex_);
    for (const Ticket& ticket : tickets_) {
      if (!ticket.is_over) latest = std::max(latest, ticket.patience.until);
    }
  }
  exporter_.set_waited_until(latest);
}

void Flusher::report_to_tickets() {
  const MutexLock lock(mutex_);
  bool is_any_over = false;
  for (Ticket& ticket : tickets_) {
    if (ticket.epoch == 0 || ticket.is_over) continue;
    ticket.pending = exporter_.unsettled(ticket.epoch);
    ticket.troubles = exporter_.troubles_of(ticket.epoch);
    ticket.is_over = ticket.pending == 0 || exporter_.is_in_vain(ticket.epoch, ticket.patience);
    is_any_over = is_any_over || ticket.is_over;
  }
  if (is_any_over) settled_.notify_all();
}

// When a ticket may be over by the passing of time alone.
SteadyTime Flusher::next_review() {
  SteadyTime next = SteadyTime::max();
  const SteadyTime now = time_.now();
  for (const Ticket& ticket : tickets_) {
    if (!ticket.is_over) next = std::min(next, internal::next_review(ticket.patience, now));
  }
  return next;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

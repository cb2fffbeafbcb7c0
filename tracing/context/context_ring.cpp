#include "tracing/context/context_ring.h"

#include <algorithm>
#include <thread>

#include "model/clock.h"
#include "tracing/context/propagated_block.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Two readings of wall and steady clock that differ by more were made before and after a step.
constexpr std::int64_t step_tolerance_ns = 10'000;
constexpr int measurements = 3;
// For a lookup that meets a thread between the end of an observation and its record of that end.
constexpr int patience = 64;

// The wall clock, and how far it is ahead of the steady one, which only a step changes.
struct Moment {
  std::int64_t wall_ns;
  std::int64_t difference_ns;

  bool is_of(std::int64_t difference) const noexcept {
    const std::int64_t change = difference_ns - difference;
    return change <= step_tolerance_ns && -change <= step_tolerance_ns;
  }
};

// A thread that is interrupted between the two readings sees a difference that is too large, so it
// reads again when it is not the expected one.
Moment measure(std::int64_t expected_difference) noexcept {
  Moment best{0, std::numeric_limits<std::int64_t>::max()};
  for (int i = 0; i < measurements && !best.is_of(expected_difference); ++i) {
    const std::int64_t steady = steady_now_ns();
    const std::int64_t wall = wall_now_ns();
    best = {wall, std::min(best.difference_ns, wall - steady)};
  }
  return best;
}

}  // namespace

void ContextRing::open(std::uint64_t thread_id, std::uint64_t salt) noexcept {
  thread_id_.store(0, std::memory_order_relaxed);
  // A lookup that sees a change of this owner sees this, too, and gives up.
  first_.store(written_.load(std::memory_order_relaxed), std::memory_order_release);
  closed_at_.store(std::numeric_limits<std::int64_t>::max(), std::memory_order_relaxed);
  unsure_until_.store(std::numeric_limits<std::int64_t>::min(), std::memory_order_relaxed);
  salt_.store(salt, std::memory_order_relaxed);
  thread_id_.store(thread_id, std::memory_order_release);
  last_ = ContextChange();
}

void ContextRing::close() noexcept {
  closed_at_.store(wall_now_ns(), std::memory_order_relaxed);
  is_owned_.store(false, std::memory_order_release);
}

bool ContextRing::is_intact(const ObservationLife* ended) const noexcept {
  const std::uint64_t present = last_.present_generation();
  return present == last_.generation ||
         (last_.life == ended && present == last_.generation + 1);  // ended just now, and here
}

void ContextRing::record(const ContextFrame* frame, const ObservationLife* ended) noexcept {
  const std::uint64_t number = written_.load(std::memory_order_relaxed);
  const bool is_first = number == first_.load(std::memory_order_relaxed);
  ContextChange change(frame);
  if (!is_first && change.is_same_context(last_)) return;
  if (!is_first && is_intact(ended)) change.flags |= ContextChange::ends_intact;

  const std::int64_t difference = difference_.load(std::memory_order_relaxed);
  const Moment now = measure(difference);
  change.wall_ns = now.wall_ns;
  if (!now.is_of(difference)) {
    if (!is_first) {
      const std::int64_t as_before = now.wall_ns - now.difference_ns + difference;
      unsure_until_.store(
          std::max({unsure_until_.load(std::memory_order_relaxed), now.wall_ns, as_before}),
          std::memory_order_relaxed);
    }
    difference_.store(now.difference_ns, std::memory_order_release);
  }

  const PropagatedBlock* const overwritten = slot(number).load().propagated;
  retain(change.propagated);
  // Sequentially consistent, as are `copying_` and the load in `is_kept`: either a reader sees that
  // its slot is being overwritten, or `give_back` sees the reader.
  begun_.store(number + 1, std::memory_order_seq_cst);
  slots_[number % size].store(change);
  written_.store(number + 1, std::memory_order_release);
  last_ = change;
  if (overwritten != nullptr) give_back(overwritten);
}

void ContextRing::give_back(const PropagatedBlock* block) noexcept {
  if (copying_.load(std::memory_order_seq_cst) != 0) {
    // Without memory for it the block stays for good.
    if (const PropagatedBlock** const room = retired_.reserve(1)) {
      *room = block;
      retired_.commit(1);
    }
    return;
  }
  release(block);
  for (const PropagatedBlock* const earlier : retired_) release(earlier);
  retired_.clear(size);
}

bool ContextRing::find(std::uint64_t thread_id, std::uint64_t salt, std::int64_t time,
                       Context& found) noexcept {
  const std::uint64_t first = first_.load(std::memory_order_acquire);
  if (thread_id_.load(std::memory_order_acquire) != thread_id || !is_open_for(salt)) return false;
  if (time > closed_at_.load(std::memory_order_relaxed)) return false;
  const std::uint64_t written = written_.load(std::memory_order_acquire);
  if (!is_clock_steady(time)) return false;

  const std::uint64_t begin = std::max(first, written - std::min(written, size - 1));
  const std::uint64_t number = last_before(begin, written, time);
  if (number == written) return false;
  const ContextChange change = slot(number).load();
  return was_current(change, number, written) && copy(change, number, first, found);
}

// Whether the clocks run now as they ran at the newest change, and a line of this time was stamped
// while they did.
bool ContextRing::is_clock_steady(std::int64_t time) const noexcept {
  const std::int64_t difference = difference_.load(std::memory_order_acquire);
  const Moment now = measure(difference);
  return now.is_of(difference) && time <= now.wall_ns &&
         time > unsure_until_.load(std::memory_order_relaxed);
}

// The newest change before `time`; `end` when there is none, or when one is of that very time.
std::uint64_t ContextRing::last_before(std::uint64_t begin, std::uint64_t end,
                                       std::int64_t time) const noexcept {
  std::uint64_t low = begin;
  std::uint64_t high = end;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (slot(middle).wall_ns() < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  // All before `low` are older than the line, `low` and those behind it are not.
  if (low == begin || (low < end && slot(low).wall_ns() == time)) return end;
  return low - 1;
}

// Whether what was current from this change on stayed so until the next one, or until now.
bool ContextRing::was_current(const ContextChange& change, std::uint64_t number,
                              std::uint64_t written) noexcept {
  for (int i = 0; i < patience; ++i) {
    if (number + 1 < written)
      return (slot(number + 1).load().flags & ContextChange::ends_intact) != 0;
    if (change.present_generation() == change.generation) return true;
    std::this_thread::yield();
    written = written_.load(std::memory_order_acquire);
  }
  return false;
}

bool ContextRing::copy(const ContextChange& change, std::uint64_t number, std::uint64_t first,
                       Context& found) noexcept {
  copying_.fetch_add(1, std::memory_order_seq_cst);
  const bool is_valid = is_kept(number) && first_.load(std::memory_order_relaxed) == first;
  if (is_valid) {
    found.span = change.span;
    found.is_sampled = (change.flags & ContextChange::is_sampled) != 0;
    found.is_undecided = (change.flags & ContextChange::is_undecided) != 0;
    found.is_remote = (change.flags & ContextChange::is_remote) != 0;
    found.has_app_root = (change.flags & ContextChange::has_app_root) != 0;
    retain(change.propagated);
    found.propagated = PropagatedReference(change.propagated);
  }
  copying_.fetch_sub(1, std::memory_order_seq_cst);
  return is_valid;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

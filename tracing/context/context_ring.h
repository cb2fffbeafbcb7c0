// The changes of one thread's current context, in a ring that other threads read while it is
// written: what `context_history.h` is made of.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>

#include "langfuse/tracing/context.h"
#include "tracing/bytes/growing_array.h"
#include "tracing/context/observation_life.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// How many changes of a thread are kept; a line with more changes behind it is not resolved.
constexpr std::uint64_t context_history_size = 8192;

// One change: what is current from `wall_ns` on.
struct ContextChange {
  static constexpr std::uint64_t is_sampled = 1;
  static constexpr std::uint64_t is_remote = 2;
  static constexpr std::uint64_t has_app_root = 4;
  // What was current before was so until now.
  static constexpr std::uint64_t ends_intact = 8;
  static constexpr std::uint64_t is_undecided = 16;

  std::int64_t wall_ns = 0;
  SpanContext span;
  std::uint64_t flags = 0;
  const ObservationLife* life = nullptr;  // null: nothing, or a scope, which only its thread ends
  std::uint64_t generation = 0;
  const PropagatedBlock* propagated = nullptr;

  ContextChange() noexcept = default;
  explicit ContextChange(const ContextFrame* frame) noexcept {
    if (frame == nullptr) return;
    const BorrowedContext& context = frame->context;
    span = context.span;
    if (context.is_sampled) flags |= is_sampled;
    if (context.is_undecided) flags |= is_undecided;
    if (context.is_remote) flags |= is_remote;
    if (context.has_app_root) flags |= has_app_root;
    life = frame->life;
    generation = frame->generation;
    propagated = context.propagated;
  }

  bool is_same_context(const ContextChange& other) const noexcept {
    return life == other.life && generation == other.generation && propagated == other.propagated &&
           span == other.span;
  }

  // The generation of the observation by now: its own as long as it is open.
  std::uint64_t present_generation() const noexcept {
    return life == nullptr ? generation : life->generation.load(std::memory_order_relaxed);
  }
};

// A change in words that any thread may read while its owner writes them.
class RingSlot {
 public:
  // Release, and acquire below: who reads a word sees all that its owner did before, above all that
  // it began to write (`ContextRing::begun_`).
  void store(const ContextChange& change) noexcept {
    std::uint64_t words[word_count] = {};
    words[0] = static_cast<std::uint64_t>(change.wall_ns);
    std::memcpy(words + 1, change.span.trace_id.bytes, sizeof(TraceId));
    std::memcpy(words + 3, change.span.span_id.bytes, sizeof(SpanId));
    words[4] = change.flags;
    words[5] = reinterpret_cast<std::uintptr_t>(change.life);
    words[6] = change.generation;
    words[7] = reinterpret_cast<std::uintptr_t>(change.propagated);
    for (int i = 0; i < word_count; ++i) words_[i].store(words[i], std::memory_order_release);
  }

  ContextChange load() const noexcept {
    std::uint64_t words[word_count];
    for (int i = 0; i < word_count; ++i) words[i] = words_[i].load(std::memory_order_acquire);
    ContextChange change;
    change.wall_ns = static_cast<std::int64_t>(words[0]);
    std::memcpy(change.span.trace_id.bytes, words + 1, sizeof(TraceId));
    std::memcpy(change.span.span_id.bytes, words + 3, sizeof(SpanId));
    change.flags = words[4];
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    change.life = reinterpret_cast<const ObservationLife*>(words[5]);
    change.generation = words[6];
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    change.propagated = reinterpret_cast<const PropagatedBlock*>(words[7]);
    return change;
  }

  std::int64_t wall_ns() const noexcept {
    return static_cast<std::int64_t>(words_[0].load(std::memory_order_acquire));
  }

 private:
  static constexpr int word_count = 8;
  static_assert(sizeof(TraceId) == 16 && sizeof(SpanId) == 8);

  std::atomic<std::uint64_t> words_[word_count] = {};
};

// The changes of one thread at a time, newest last: a ring of slots in which change number n stands
// in slot n % size.
//
// Thread safety: `open`, `record` and `close` are the owner's, one thread at a time, handed on by
// `close` (release) and `claim` (acquire). `find` may run on any number of threads beside them. No
// side waits for the other: a reader whose slot is overwritten meanwhile finds nothing. A ring is
// never freed, so that a reader needs no count of it, and an owner's end leaves it readable.
//
// Invariants:
//
// (1) first_ <= written_ <= begun_ <= written_ + 1, and none of them ever decreases. Changes below
// `first_` are of an earlier owner, or of an earlier recording, and void.
//
// (2) The slots of the newest `size` changes below `written_` are complete; `begun_` == `written_`
// + 1 while the owner writes one more, into the slot of the oldest. A slot is the reader's as long
// as its number + size >= `begun_`, which the reader asks after it has read.
//
// (3) Among the changes of one owner `wall_ns` does not decrease, unless the wall clock was set
// back; what that makes doubtful ends at `unsure_until_`.
//
// (4) Each slot owns one count of its `propagated`. The owner gives it back when the slot is
// overwritten and `copying_` was 0 after `begun_` was raised; else it goes to `retired_`. A reader
// raises `copying_` before it looks at `begun_`: all four are seq_cst, so that of owner and reader
// at least one sees the other.
class ContextRing {
 public:
  explicit ContextRing(ContextRing* older) noexcept : older_(older) {}
  ContextRing* older() const noexcept { return older_; }

  // Owner's side.
  bool claim() noexcept { return !is_owned_.exchange(true, std::memory_order_acquire); }
  void open(std::uint64_t thread_id, std::uint64_t salt) noexcept;
  bool is_open_for(std::uint64_t salt) const noexcept {
    return salt_.load(std::memory_order_relaxed) == salt;
  }
  void record(const ContextFrame* frame, const ObservationLife* ended) noexcept;
  void close() noexcept;

  bool is_owned() const noexcept { return is_owned_.load(std::memory_order_relaxed); }
  std::int64_t closed_at() const noexcept { return closed_at_.load(std::memory_order_relaxed); }

  // Any thread's.
  bool find(std::uint64_t thread_id, std::uint64_t salt, std::int64_t time,
            Context& found) noexcept;

 private:
  static constexpr std::uint64_t size = context_history_size;

  void give_back(const PropagatedBlock* block) noexcept;
  bool is_intact(const ObservationLife* ended) const noexcept;
  bool is_clock_steady(std::int64_t time) const noexcept;
  std::uint64_t last_before(std::uint64_t begin, std::uint64_t end,
                            std::int64_t time) const noexcept;
  bool was_current(const ContextChange& change, std::uint64_t number,
                   std::uint64_t written) noexcept;
  bool copy(const ContextChange& change, std::uint64_t number, std::uint64_t first,
            Context& found) noexcept;
  // Whether the slot of change `number` has not been used for a later one.
  bool is_kept(std::uint64_t number) const noexcept {
    return number + size >= begun_.load(std::memory_order_seq_cst);
  }
  const RingSlot& slot(std::uint64_t number) const noexcept { return slots_[number % size]; }

  ContextRing* const older_;
  std::atomic<bool> is_owned_{true};
  std::atomic<std::uint64_t> thread_id_{0};
  std::atomic<std::uint64_t> salt_{0};     // of the client in force, and of the recording
  std::atomic<std::uint64_t> first_{0};    // the owner's first change
  std::atomic<std::uint64_t> begun_{0};    // changes whose slots are being, or have been, written
  std::atomic<std::uint64_t> written_{0};  // complete changes; release: publishes their slots
  std::atomic<std::int64_t> closed_at_{std::numeric_limits<std::int64_t>::max()};
  // Lines up to here may have been stamped before or after a step of the wall clock.
  std::atomic<std::int64_t> unsure_until_{std::numeric_limits<std::int64_t>::min()};
  std::atomic<std::int64_t> difference_{0};  // as of `Moment`, since the last step
  std::atomic<std::uint32_t> copying_{0};    // threads that are about to count a block of a slot
  ContextChange last_;                       // owner only
  GrowingArray<const PropagatedBlock*> retired_;  // owner only; overwritten, and perhaps in use
  RingSlot slots_[size];
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

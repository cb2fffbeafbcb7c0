#include "tracing/context/context_history.h"

#include <new>

#include "pipeline/client.h"
#include "pipeline/thread.h"
#include "tracing/context/context_ring.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::atomic<std::uint64_t> context_recording{0};

namespace {

// Of the low half of `context_recording`: how many trials there are, and whether it is for good.
constexpr std::uint64_t for_good = 0x8000'0000;
constexpr std::uint64_t one_recording = context_recording_mask + 1;
// Set apart, because what is over is nothing that something is recorded for.
std::atomic<bool> are_trials_over{false};
// Changes that were recorded on trial.
std::atomic<std::uint64_t> trial_changes{0};

// `change` gives the new low half for the old one. A recording that begins anew has a new number.
template <class Change>
void change_recording(Change change) noexcept {
  std::uint64_t state = context_recording.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    const std::uint64_t wanted = state & context_recording_mask;
    next = (state - wanted) + change(wanted);
    if (wanted == 0 && next != state) next += one_recording;
  } while (!context_recording.compare_exchange_weak(state, next, std::memory_order_relaxed));
}

// Which recording of which client a ring holds.
std::uint64_t epoch_of(const Client& client, std::uint64_t recording) noexcept {
  return client.salt() + recording / one_recording;
}

// Counts a change. When there have been enough, the trials are over: nobody waits for a line.
void count_trial_change(std::uint64_t recording) noexcept {
  if ((recording & for_good) != 0) return;
  if (trial_changes.fetch_add(1, std::memory_order_relaxed) < context_history_size) return;
  are_trials_over.store(true, std::memory_order_relaxed);
  change_recording([](std::uint64_t wanted) { return wanted & for_good; });
}

// Rings of ended threads are kept, because lines of theirs may still lie in a queue; from this many
// rings on they are used again.
constexpr int rings_before_reuse = 64;

// All rings, newest first. Only ever grows.
std::atomic<ContextRing*> newest_ring{nullptr};
std::atomic<int> ring_count{0};

// The ring of the thread that ended first; null when none may be used again.
ContextRing* claim_old_ring() noexcept {
  if (ring_count.load(std::memory_order_relaxed) < rings_before_reuse) return nullptr;
  ContextRing* oldest = nullptr;
  for (ContextRing* ring = newest_ring.load(std::memory_order_acquire); ring != nullptr;
       ring = ring->older()) {
    if (ring->is_owned()) continue;
    if (oldest == nullptr || ring->closed_at() < oldest->closed_at()) oldest = ring;
  }
  return oldest != nullptr && oldest->claim() ? oldest : nullptr;
}

ContextRing* make_ring() noexcept {
  ContextRing* newest = newest_ring.load(std::memory_order_relaxed);
  for (;;) {
    ContextRing* const ring = new (std::nothrow) ContextRing(newest);
    if (ring == nullptr) return nullptr;
    if (newest_ring.compare_exchange_strong(newest, ring, std::memory_order_acq_rel,
                                            std::memory_order_relaxed)) {
      ring_count.fetch_add(1, std::memory_order_relaxed);
      return ring;
    }
    delete ring;
  }
}

// Trivially destructible: read by destructors of other thread-locals, too.
struct OwnRing {
  ContextRing* ring;
  bool has_ended;
};
thread_local OwnRing own_ring{nullptr, false};

// What the calling thread stands in when a recording begins. It needs no ring for nothing.
void record_what_is_current() noexcept {
  if (current_frame() != nullptr) record_context(nullptr);
}

struct RingGuard {
  ~RingGuard() {
    own_ring.has_ended = true;
    if (own_ring.ring != nullptr) own_ring.ring->close();
    own_ring.ring = nullptr;
  }
};

}  // namespace

void record_contexts() noexcept {
  if ((context_recording.load(std::memory_order_relaxed) & for_good) != 0) return;
  change_recording([](std::uint64_t wanted) { return wanted | for_good; });
  record_what_is_current();
}

void begin_context_trial() noexcept {
  if (are_trials_over.load(std::memory_order_relaxed)) return;
  change_recording([](std::uint64_t wanted) { return wanted + 1; });
  record_what_is_current();
}

void end_context_trial() noexcept {
  change_recording([](std::uint64_t wanted) {
    return (wanted & ~for_good) == 0 ? wanted : wanted - 1;  // they may be over
  });
}

void forget_context_recording() noexcept {
  change_recording([](std::uint64_t) { return std::uint64_t{0}; });
  are_trials_over.store(false, std::memory_order_relaxed);
  trial_changes.store(0, std::memory_order_relaxed);
}

void record_context(const ObservationLife* ended) noexcept {
  OwnRing& own = own_ring;
  const Client* const client = Client::current_or_null();
  if (own.has_ended || client == nullptr) return;
  const std::uint64_t recording = context_recording.load(std::memory_order_relaxed);
  if ((recording & context_recording_mask) == 0) return;
  const std::uint64_t epoch = epoch_of(*client, recording);
  if (own.ring == nullptr) {
    ContextRing* const old = claim_old_ring();
    own.ring = old != nullptr ? old : make_ring();
    if (own.ring == nullptr) return;
    own.ring->open(os_thread_id(), epoch);
    thread_local RingGuard guard;
    static_cast<void>(guard);
  } else if (!own.ring->is_open_for(epoch)) {
    // Another recording, or another client: of a new `init()`, or of a forked child, whose copies
    // of the other threads' rings would go on telling what those were in.
    own.ring->open(os_thread_id(), epoch);
  }
  own.ring->record(current_frame(), ended);
  count_trial_change(recording);
}

bool find_past_context(const Client& client, std::uint64_t thread_id, std::int64_t time_unix_nano,
                       Context& found) noexcept {
  if (has_context_storage()) return false;
  record_contexts();
  const std::uint64_t epoch = epoch_of(client, context_recording.load(std::memory_order_relaxed));
  for (ContextRing* ring = newest_ring.load(std::memory_order_acquire); ring != nullptr;
       ring = ring->older()) {
    if (ring->find(thread_id, epoch, time_unix_nano, found)) return true;
  }
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

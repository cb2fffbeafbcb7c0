#include "tracing/context_history.h"

#include <new>

#include "pipeline/client.h"
#include "pipeline/thread.h"
#include "tracing/context_ring.h"
#include "tracing/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::atomic<bool> is_recording_contexts{false};

namespace {

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

struct RingGuard {
  ~RingGuard() {
    own_ring.has_ended = true;
    if (own_ring.ring != nullptr) own_ring.ring->close();
    own_ring.ring = nullptr;
  }
};

}  // namespace

void record_context(const ObservationState* ended) noexcept {
  OwnRing& own = own_ring;
  const Client* const client = Client::current_or_null();
  if (own.has_ended || client == nullptr) return;
  if (own.ring == nullptr) {
    ContextRing* const old = claim_old_ring();
    own.ring = old != nullptr ? old : make_ring();
    if (own.ring == nullptr) return;
    own.ring->open(os_thread_id(), client->salt());
    thread_local RingGuard guard;
    static_cast<void>(guard);
  } else if (!own.ring->is_open_for(client->salt())) {
    // Another client: of a new `init()`, or of a forked child, whose copies of the other threads'
    // rings would go on telling what those were in.
    own.ring->open(os_thread_id(), client->salt());
  }
  own.ring->record(current_frame(), ended);
}

bool find_past_context(const Client& client, std::uint64_t thread_id, std::int64_t time_unix_nano,
                       Context& found) noexcept {
  if (has_context_storage()) return false;
  is_recording_contexts.store(true, std::memory_order_relaxed);
  for (ContextRing* ring = newest_ring.load(std::memory_order_acquire); ring != nullptr;
       ring = ring->older()) {
    if (ring->find(thread_id, client.salt(), time_unix_nano, found)) return true;
  }
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

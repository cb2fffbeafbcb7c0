#include "tracing/observation_state.h"

#include <atomic>
#include <new>
#include <type_traits>
#include <utility>

#include "model/clock.h"
#include "tracing/context/propagated_block.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Free states of one thread. Trivial, because destructors of other thread-locals may still end
// observations after the guard below is gone.
struct FreeStates {
  ObservationState* first;
  int count;
  enum class Phase : std::uint8_t { unguarded, guarded, ended } phase;
};
static_assert(std::is_trivially_destructible<FreeStates>::value);

// A thread that only ends what others begin hands the rest on.
constexpr int most_free_states_a_thread = 64;

thread_local FreeStates free_states = {};

// Those of ended threads and what was handed on. A stack that is only ever emptied as a whole: no
// state can come back while another thread still compares with it.
std::atomic<ObservationState*> shared_states{nullptr};

void share(ObservationState* first, ObservationState* last) noexcept {
  last->next = shared_states.load(std::memory_order_relaxed);
  while (!shared_states.compare_exchange_weak(last->next, first, std::memory_order_release,
                                              std::memory_order_relaxed)) {
  }
}

// Hands this thread's free states on when the thread ends.
struct FreeStatesGuard {
  ~FreeStatesGuard() {
    ObservationState* const first = free_states.first;
    free_states = {nullptr, 0, FreeStates::Phase::ended};
    if (first == nullptr) return;
    ObservationState* last = first;
    while (last->next != nullptr) last = last->next;
    share(first, last);
  }
};

void guard_free_states() noexcept {
  thread_local FreeStatesGuard guard;
  static_cast<void>(guard);
  free_states.phase = FreeStates::Phase::guarded;
}

}  // namespace

std::int64_t now_of(const ObservationState& state) noexcept {
  return state.start_unix_nano + (steady_now_ns() - state.start_steady_ns);
}

ObservationState* acquire_observation_state() noexcept {
  if (free_states.first == nullptr && free_states.phase != FreeStates::Phase::ended) {
    // Acquire: sees the states as their last users left them.
    free_states.first = shared_states.exchange(nullptr, std::memory_order_acquire);
    free_states.count = 0;
    for (const ObservationState* state = free_states.first; state != nullptr; state = state->next) {
      ++free_states.count;
    }
    if (free_states.first != nullptr && free_states.phase == FreeStates::Phase::unguarded) {
      guard_free_states();
    }
  }
  ObservationState* const state = free_states.first;
  if (state == nullptr) return new (std::nothrow) ObservationState();
  free_states.first = state->next;
  --free_states.count;
  state->next = nullptr;
  return state;
}

void ObservationState::More::clear() noexcept {
  status_message.clear(largest_kept_text);
  version.clear(largest_kept_text);
  prompt_name.clear(largest_kept_text);
  prompt_version = 0;
  tokens.clear_text(largest_kept_json);
  tokens.count = 0;
  for (KeyedPieces& object : members) object.clear();
  json.clear(largest_kept_json);
  cut_for_room = 0;
}

void release_observation_state(ObservationState* state) noexcept {
  release(std::exchange(state->propagated, nullptr));
  state->parent_span_id = SpanId();
  state->level = Level::info;
  state->flush_on_end = FlushOnEnd::no;
  state->has_completion_start = false;
  state->is_too_large = false;
  state->has_parts = false;
  state->name.clear(largest_kept_text);
  state->attributes.clear();
  state->clear_more();

  if (free_states.phase == FreeStates::Phase::unguarded) guard_free_states();
  if (free_states.phase == FreeStates::Phase::ended ||
      free_states.count >= most_free_states_a_thread) {
    share(state, state);
    return;
  }
  state->next = free_states.first;
  free_states.first = state;
  ++free_states.count;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

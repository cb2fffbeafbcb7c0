// The end of observations.
#include <algorithm>
#include <exception>
#include <utility>

#include "langfuse/tracing/observe.h"
#include "pipeline/client.h"
#include "tracing/context/context_history.h"
#include "tracing/held_traces.h"
#include "tracing/observation_lines.h"
#include "tracing/observation_record.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {

using internal::Client;
using internal::ObservationState;

namespace {

// The end of a sampled observation; `end_unix_nano`: null means now.
std::int64_t end_of(const ObservationState& state, const std::int64_t* end_unix_nano) noexcept {
  if (state.type == ObservationType::event) return state.start_unix_nano;
  return std::max(state.start_unix_nano, end_unix_nano != nullptr ? *end_unix_nano : now_of(state));
}

// Makes the record of the observation and, when its state is free again, submits that.
void send(ObservationState* state, std::int64_t end_unix_nano) noexcept {
  Client& client = *state->client;
  internal::EncodedRecord encoded = internal::encode_observation(*state, end_unix_nano);
  // Those are among the longest still, and were cut again with the record if that was cut.
  if (state->has_more() && encoded.cut_texts == 0) encoded.cut_texts = state->more().cut_for_room;
  const bool is_undecided = state->is_undecided;
  const internal::HeldRecord about{state->trace_id, state->level == Level::error,
                                   state->is_local_root};
  internal::release_observation_state(state);
  if (is_undecided) {
    submit_or_hold(client, true, about, std::move(encoded));
  } else {
    client.submit(std::move(encoded));
  }
}

// Of a forked child, whose parent has the observation open: it ends in the parent alone. Here it is
// merely no longer current.
void leave_to_parent(ObservationState* state) noexcept {
  internal::discard_observation_lines(*state);
  internal::note_context_change(state);
  internal::release_observation_state(state);
  if (Client* const client = Client::current_or_null()) client->counters().ignored_updates.add();
}

// Ends the observation, which no handle may hold any more: the user's mask runs inside, and could
// end it once more. `end_unix_nano`: null means now.
void finish(ObservationState* state, const std::int64_t* end_unix_nano = nullptr) noexcept {
  Client& client = *state->client;
  if (client.is_parents()) {
    leave_to_parent(state);
    return;
  }
  const FlushOnEnd flush_on_end = state->flush_on_end;
  const bool is_sampled = state->is_sampled;
  const std::int64_t end = is_sampled ? end_of(*state, end_unix_nano) : 0;
  // The mask runs here, under no lock. It may still set values of the current observation, so what
  // those decide is read afterwards.
  if (is_sampled && state->has_more()) internal::set_text_of_tokens(*state);
  internal::close_observation_lines(*state);
  internal::note_context_change(state);
  if (is_sampled) {
    send(state, end);
  } else {
    internal::release_observation_state(state);
    client.counters().sampled_out.add();
  }
  internal::count_open_observation(-1);
  if (flush_on_end == FlushOnEnd::wake) client.wake();
  if (flush_on_end == FlushOnEnd::wait) langfuse::flush();
}

}  // namespace

void Observation::end() & noexcept {
  ObservationState* const state = std::exchange(state_, nullptr);
  if (state != nullptr) finish(state);
}

void Observation::end(UnixTime time) & noexcept {
  ObservationState* const state = std::exchange(state_, nullptr);
  if (state == nullptr) return;
  const std::int64_t end_unix_nano = time.nanoseconds();
  finish(state, &end_unix_nano);
}

void Observation::end_with_scope() noexcept {
  do {
    if (std::uncaught_exceptions() > state_->uncaught_exceptions) {
      state_->level = Level::error;
      if (state_->is_sampled && state_->more().status_message.empty()) {
        set_field(*state_, state_->more().status_message, "ended by an exception");
      }
    }
    end();
    // The mask ran, and may have put another observation into the handle, which goes now.
  } while (state_ != nullptr);
}

}  // namespace v0_1
}  // namespace langfuse

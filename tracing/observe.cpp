#include "langfuse/tracing/observe.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/random_ids.h"
#include "model/utc_time.h"
#include "pipeline/client.h"
#include "tracing/bytes/attribute_pieces.h"
#include "tracing/bytes/place_name.h"
#include "tracing/context/context_history.h"
#include "tracing/context/named_parent.h"
#include "tracing/context/propagated_block.h"
#include "tracing/context/thread_context.h"
#include "tracing/flattened_metadata.h"
#include "tracing/held_traces.h"
#include "tracing/observation_access.h"
#include "tracing/observation_lines.h"
#include "tracing/observation_record.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"
#include "tracing/sampling.h"

namespace langfuse {
inline namespace v0_1 {

namespace {

using internal::Client;
using internal::ObservationState;

}  // namespace

namespace internal {

Observation begin(Client& client, std::string_view name, ObservationType type,
                  const BorrowedContext& parent, std::int64_t start_unix_nano,
                  bool is_current) noexcept {
  ObservationState* const state = internal::acquire_observation_state();
  if (state == nullptr) {
    client.counters().dropped.add(DropReason::out_of_memory);
    return Observation();
  }
  const bool is_child = parent.is_valid();
  state->client = &client;
  state->type = type;
  state->span_id = internal::random_span_id();
  if (is_child) {
    state->trace_id = parent.span.trace_id;
    state->parent_span_id = parent.span.span_id;
  } else {
    const TraceId& chosen = parent.span.trace_id;
    state->trace_id = chosen.is_valid() ? chosen : internal::random_trace_id();
  }
  // Before the sampler, which may end what the parent's attributes belong to.
  state->propagated = parent.propagated;
  internal::retain(state->propagated);
  state->is_local_root = !is_child || parent.is_remote;
  const internal::SamplingDecision sampling =
      internal::sampling_of_observation(client, parent, state->trace_id, name);
  state->is_sampled = sampling.is_sampled;
  state->is_undecided = sampling.is_undecided;
  state->is_app_root = !is_child || (parent.is_remote && !parent.has_app_root);
  state->uncaught_exceptions = std::uncaught_exceptions();
  if (state->is_sampled) internal::set_field(*state, state->name, name);
  internal::count_open_observation(1);
  // The time last, so that our own work is not in it.
  const internal::Instant now = internal::instant_now();
  state->start_unix_nano = now.wall_ns;
  state->start_steady_ns = now.steady_ns;
  if (start_unix_nano > 0) {
    // As if it had begun then: durations count from there.
    state->start_steady_ns -= state->start_unix_nano - start_unix_nano;
    state->start_unix_nano = start_unix_nano;
  }
  if (!is_current) return ObservationAccess::make(state);

  internal::ContextFrame frame;
  frame.context.span = {state->trace_id, state->span_id};
  frame.context.propagated = state->propagated;
  frame.context.is_sampled = state->is_sampled;
  frame.context.is_undecided = state->is_undecided;
  frame.life = state;
  frame.client = &client;
  frame.generation = state->generation.load(std::memory_order_relaxed);
  frame.start_unix_nano = state->start_unix_nano;
  // Without memory for it, the observation is merely not the current one.
  internal::push_frame(frame);
  return ObservationAccess::make(state);
}

}  // namespace internal

namespace {

// Ends the observation, which no handle may hold any more: the user's mask runs inside, and could
// end it once more. `end_unix_nano`: null means now.
void finish(ObservationState* state, const std::int64_t* end_unix_nano = nullptr) noexcept {
  Client& client = *state->client;
  const bool is_sampled = state->is_sampled;
  const bool is_undecided = state->is_undecided;
  const FlushOnEnd flush_on_end = state->flush_on_end;
  const std::int64_t start = state->start_unix_nano;
  std::int64_t end = start;
  if (is_sampled) {
    if (state->type != ObservationType::event) {
      end = end_unix_nano != nullptr ? *end_unix_nano : now_of(*state);
    }
    // The mask runs here, under no lock. It may still set values of the current observation, so
    // what those decide is read afterwards.
    internal::set_text_of_tokens(*state);
  }
  internal::close_observation_lines(*state);
  const internal::HeldRecord about{state->trace_id, state->level == Level::error,
                                   state->is_local_root};
  internal::EncodedRecord encoded;
  if (is_sampled) {
    encoded = internal::encode_observation(*state, std::max(start, end));
    // Those are among the longest still, and were cut again with the record if that was cut.
    if (encoded.cut_texts == 0) encoded.cut_texts = state->cut_for_room;
  }
  internal::note_context_change(state);
  internal::release_observation_state(state);

  if (is_sampled) {
    internal::submit_or_hold(client, is_undecided, about, std::move(encoded));
  } else {
    client.counters().sampled_out.add();
  }
  internal::count_open_observation(-1);
  if (flush_on_end == FlushOnEnd::wake) client.wake();
  if (flush_on_end == FlushOnEnd::wait) langfuse::flush();
}

// For setters: the state of an observation whose values are wanted.
ObservationState* sampled(ObservationState* state) noexcept {
  return state != nullptr && state->is_sampled ? state : nullptr;
}

void refuse(std::string_view problem) noexcept {
  internal::report(Diagnostic::Severity::warning, problem);
}

// True if there is no key; says so.
bool refuse_empty(std::string_view key, std::string_view problem) noexcept {
  if (key.empty()) refuse(problem);
  return key.empty();
}

// Propagated, because a server that keeps a table of traces takes a later span that does not say it
// for one that says the contrary.
void make_trace_public(ObservationState& state) noexcept {
  internal::PropagatedBlock added;
  const internal::FullKey key(internal::keys::trace_public);
  char* const room =
      added.trace_public.reserve(internal::scalar_attribute_bound(key) + internal::attribute_slack);
  const internal::PropagatedBlock* block = nullptr;
  if (room != nullptr) {
    const char* const end = internal::write_bool_attribute(room, key, true);
    added.trace_public.commit(static_cast<std::size_t>(end - room));
    block = internal::merged(state.propagated, added, false);
  }
  if (block == nullptr) {
    internal::count_lost_value(*state.client);
    return;
  }
  internal::release(std::exchange(state.propagated, block));
  internal::propagate_in_trace(state.trace_id, added);
}

}  // namespace

Observation observe(std::string_view name, ObservationType type) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return begin(*client, name, type, internal::borrowed_current_context());
}

Observation observe(std::string_view name, ObservationType type,
                    const SpanContext& parent) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return begin(*client, name, type, internal::NamedParent(parent).context());
}

Observation observe(std::string_view name, ObservationType type, const Context& parent) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return begin(*client, name, type, internal::NamedParent(parent).context());
}

Observation observe(ObservationType type, const char* function, const char* file,
                    int line) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  const internal::PlaceName name(function, file, line);
  return begin(*client, name.text(), type, internal::borrowed_current_context());
}

Observation& Observation::set_input(internal::Value value) & noexcept {
  if (auto* const state = sampled(state_)) set_io(*state, internal::keys::input, value);
  return *this;
}

Observation& Observation::set_output(internal::Value value) & noexcept {
  if (auto* const state = sampled(state_)) {
    state->tokens.clear_text(internal::largest_kept_json);
    set_io(*state, internal::keys::output, value);
  }
  return *this;
}

Observation& Observation::set_metadata(std::string_view key, internal::Value value) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(key, "metadata without a key are refused")) return *this;
  internal::set_metadata(*state, key, value);
  if (!internal::is_served(key)) {
    refuse("the server drops metadata with __proto__, prototype or constructor in their key");
  }
  return *this;
}

Observation& Observation::set_name(std::string_view name) & noexcept {
  if (auto* const state = sampled(state_)) set_field(*state, state->name, name);
  return *this;
}

Observation& Observation::set_type(ObservationType type) & noexcept {
  if (state_ != nullptr) state_->type = type;
  return *this;
}

Observation& Observation::set_level(Level level) & noexcept {
  if (state_ != nullptr) state_->level = level;
  return *this;
}

Observation& Observation::set_status_message(std::string_view message) & noexcept {
  if (auto* const state = sampled(state_)) {
    internal::set_status_message(*state, message);
  }
  return *this;
}

Observation& Observation::set_version(std::string_view version) & noexcept {
  if (auto* const state = sampled(state_)) set_field(*state, state->version, version);
  return *this;
}

Observation& Observation::set_model(std::string_view model) & noexcept {
  if (auto* const state = sampled(state_)) {
    set_attribute(*state, internal::keys::model_name, model);
  }
  return *this;
}

Observation& Observation::set_model_parameter(std::string_view name,
                                              internal::Value value) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(name, "a model parameter without a name is refused")) {
    return *this;
  }
  set_member(*state, ObservationState::model_parameters, name, value);
  return *this;
}

Observation& Observation::set_usage(std::string_view kind, internal::TokenCount tokens) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(kind, "a usage without a kind is refused")) return *this;
  set_member(*state, ObservationState::usage_details, kind, tokens.count());
  return *this;
}

Observation& Observation::set_cost(std::string_view kind,
                                   internal::DollarAmount dollars) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(kind, "a cost without a kind is refused")) return *this;
  if (!dollars.is_known()) {
    refuse("a cost that is not a number is refused");
    return *this;
  }
  set_member(*state, ObservationState::cost_details, kind, dollars.dollars());
  return *this;
}

Observation& Observation::set_prompt(std::string_view name, std::int64_t version) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr) return *this;
  constexpr std::int64_t largest_version = 65'535;  // what the server's column holds
  if (name.empty() || version < 1 || version > largest_version) {
    refuse("a prompt without a name, or with a version not in 1 to 65535, is not linked");
    return *this;
  }
  state->prompt_version = 0;  // both or neither
  if (set_field(*state, state->prompt_name, name)) state->prompt_version = version;
  return *this;
}

Observation& Observation::set_completion_start_time(UnixTime time) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || time.nanoseconds() <= 0) return *this;
  state->has_completion_start = true;
  set_attribute(*state, internal::keys::completion_start_time,
                std::string_view(internal::utc_time_text(time.nanoseconds())));
  return *this;
}

Observation& Observation::set_trace_as_public() & noexcept {
  if (auto* const state = sampled(state_)) make_trace_public(*state);
  return *this;
}

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
      if (state_->is_sampled && state_->status_message.empty()) {
        set_field(*state_, state_->status_message, "ended by an exception");
      }
    }
    end();
    // The mask ran, and may have put another observation into the handle, which goes now.
  } while (state_ != nullptr);
}

TraceId Observation::trace_id() const noexcept {
  return state_ == nullptr ? TraceId() : state_->trace_id;
}

SpanId Observation::id() const noexcept {
  return state_ == nullptr ? SpanId() : state_->span_id;
}

Context Observation::context() const noexcept {
  Context context;
  if (state_ == nullptr) return context;
  context.span = {state_->trace_id, state_->span_id};
  context.is_sampled = state_->is_sampled;
  context.is_undecided = state_->is_undecided;
  internal::retain(state_->propagated);
  context.propagated = internal::PropagatedReference(state_->propagated);
  return context;
}

}  // namespace v0_1
}  // namespace langfuse

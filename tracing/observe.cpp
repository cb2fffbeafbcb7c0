#include "langfuse/tracing/observe.h"

#include <exception>

#include "model/random_ids.h"
#include "pipeline/client.h"
#include "tracing/bytes/place_name.h"
#include "tracing/context/named_parent.h"
#include "tracing/context/propagated_block.h"
#include "tracing/context/thread_context.h"
#include "tracing/observation_access.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"
#include "tracing/sampling.h"
#include "tracing/short_way.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Which observation it is, and below which.
void identify(ObservationState& state, const BorrowedContext& parent) noexcept {
  const bool is_child = parent.is_valid();
  if (parent.span.trace_id.is_valid()) {
    state.trace_id = parent.span.trace_id;
    state.span_id = random_span_id();
  } else {
    make_random_ids(state.trace_id, state.span_id);
  }
  if (is_child) state.parent_span_id = parent.span.span_id;
  state.is_local_root = !is_child || parent.is_remote;
  state.is_app_root = !is_child || (parent.is_remote && !parent.has_app_root);
}

// `start_unix_nano`: 0 means now.
void start_clock(ObservationState& state, std::int64_t start_unix_nano) noexcept {
  const Instant now = instant_now();
  state.start_unix_nano = now.wall_ns;
  state.start_steady_ns = now.steady_ns;
  if (start_unix_nano <= 0) return;
  // As if it had begun then: durations count from there.
  state.start_steady_ns -= now.wall_ns - start_unix_nano;
  state.start_unix_nano = start_unix_nano;
}

ContextFrame frame_of(ObservationState& state) noexcept {
  ContextFrame frame;
  frame.context.span = {state.trace_id, state.span_id};
  frame.context.propagated = state.propagated;
  frame.context.is_sampled = state.is_sampled;
  frame.context.is_undecided = state.is_undecided;
  frame.life = &state;
  frame.client = state.client;
  frame.generation = state.generation.load(std::memory_order_relaxed);
  frame.start_unix_nano = state.start_unix_nano;
  return frame;
}

}  // namespace

Observation begin(Client& client, std::string_view name, ObservationType type,
                  const BorrowedContext& parent, std::int64_t start_unix_nano,
                  bool is_current) noexcept {
  ObservationState* const state = acquire_observation_state();
  if (state == nullptr) {
    client.counters().dropped.add(DropReason::out_of_memory);
    return Observation();
  }
  state->client = &client;
  state->type = type;
  identify(*state, parent);
  // Before the sampler, which may end what the parent's attributes belong to.
  state->propagated = parent.propagated;
  retain(state->propagated);
  const SamplingDecision sampling = sampling_of_observation(client, parent, state->trace_id, name);
  state->is_sampled = sampling.is_sampled;
  state->is_undecided = sampling.is_undecided;
  find_at_once_limit(*state);
  if (!set_field_at_once(*state, state->name, name) && state->is_sampled) {
    set_field(*state, state->name, name);
  }
  state->uncaught_exceptions = std::uncaught_exceptions();
  count_open_observation(1);
  // The time last, so that our own work is not in it.
  start_clock(*state, start_unix_nano);
  // Without memory for a frame, the observation is merely not the current one.
  if (is_current) push_frame(frame_of(*state));
  return ObservationAccess::make(state);
}

}  // namespace internal

using internal::Client;

Observation internal::begin_observation(std::string_view name, ObservationType type) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return internal::begin(*client, name, type, internal::borrowed_current_context());
}

Observation observe(std::string_view name, ObservationType type,
                    const SpanContext& parent) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return internal::begin(*client, name, type, internal::NamedParent(parent).context());
}

Observation observe(std::string_view name, ObservationType type, const Context& parent) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return internal::begin(*client, name, type, internal::NamedParent(parent).context());
}

Observation internal::begin_observation(ObservationType type, const char* function,
                                        const char* file, int line) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  const internal::PlaceName name(function, file, line);
  return internal::begin(*client, name.text(), type, internal::borrowed_current_context());
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

#include "langfuse/tracing/observe.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <mutex>

#include "model/attribute_keys.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/random_ids.h"
#include "pipeline/client.h"
#include "tracing/context_history.h"
#include "tracing/observation_lines.h"
#include "tracing/observation_record.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"
#include "tracing/propagated_block.h"
#include "tracing/thread_context.h"

namespace langfuse {
inline namespace v0_1 {

struct ObservationAccess {
  static Observation make(internal::ObservationState* state) noexcept { return Observation(state); }
};

namespace {

using internal::BorrowedContext;
using internal::Client;
using internal::ObservationState;
using internal::Text;

// Of this thread, for as long as it opens and ends nothing.
BorrowedContext current() noexcept {
  const internal::ContextFrame* const frame = internal::current_frame();
  return frame == nullptr ? BorrowedContext() : frame->context;
}

Observation begin(Client& client, std::string_view name, ObservationType type,
                  const BorrowedContext& parent) noexcept {
  ObservationState* const state = internal::acquire_observation_state();
  if (state == nullptr) {
    client.count_drop(DropReason::out_of_memory);
    return Observation();
  }
  const bool is_child = parent.is_valid();
  state->client = &client;
  state->type = type;
  state->span_id = internal::random_span_id();
  if (is_child) {
    state->trace_id = parent.span.trace_id;
    state->parent_span_id = parent.span.span_id;
    state->is_sampled =
        parent.is_sampled && (!parent.is_remote || client.is_sampled(state->trace_id));
  } else {
    state->trace_id = internal::random_trace_id();
    state->is_sampled = client.is_sampled(state->trace_id);
  }
  state->is_app_root = !is_child || (parent.is_remote && !parent.has_app_root);
  state->propagated = parent.propagated;
  internal::retain(state->propagated);
  state->uncaught_exceptions = std::uncaught_exceptions();
  if (state->is_sampled) {
    internal::set_text(state->name, Text(name, client.settings().value_max_bytes));
  }
  internal::count_open_observation(1);
  // The time last, so that our own work is not in it.
  const internal::Instant now = internal::instant_now();
  state->start_unix_nano = now.wall_ns;
  state->start_steady_ns = now.steady_ns;

  internal::ContextFrame frame;
  frame.context.span = {state->trace_id, state->span_id};
  frame.context.propagated = state->propagated;
  frame.context.is_sampled = state->is_sampled;
  frame.state = state;
  frame.generation = state->generation.load(std::memory_order_relaxed);
  frame.start_unix_nano = state->start_unix_nano;
  // Without memory for it, the observation is merely not the current one.
  internal::push_frame(frame);
  return ObservationAccess::make(state);
}

void finish(ObservationState* state) noexcept {
  Client& client = *state->client;
  const bool is_sampled = state->is_sampled;
  std::unique_lock<std::mutex> lines = internal::close_observation_lines(*state);
  internal::EncodedSpan encoded;
  if (is_sampled) {
    const std::int64_t duration = state->type == ObservationType::event
                                      ? 0
                                      : internal::steady_now_ns() - state->start_steady_ns;
    encoded = internal::encode_observation(*state, state->start_unix_nano + duration);
  }
  // From here on no frame is alive that refers to it, on whichever thread.
  state->generation.fetch_add(1, std::memory_order_relaxed);
  if (lines.owns_lock()) lines.unlock();
  internal::note_context_change(state);
  internal::release_observation_state(state);

  if (!is_sampled) {
    client.count_sampled_out();
  } else if (encoded.record != nullptr) {
    client.submit(std::move(encoded.record));
  } else {
    client.count_drop(encoded.dropped_as);
  }
  internal::count_open_observation(-1);
}

// `file:line`, without the file's folder.
struct PlaceName {
  char text[256];
  std::size_t size;

  PlaceName(std::string_view file, int line) noexcept {
    file.remove_prefix(std::min(file.size(), file.find_last_of("/\\") + 1));
    file = file.substr(0, sizeof text - 16);
    size = file.copy(text, file.size());
    text[size++] = ':';
    size =
        static_cast<std::size_t>(std::to_chars(text + size, text + sizeof text, line).ptr - text);
  }
};

// What both compilers call a function; empty where they disagree or have no name: in a call
// operator, lambdas included, and outside any function (one calls that
// `__static_initialization_and_destruction_0`, the other nothing).
std::string_view function_name(const char* function) noexcept {
  if (function == nullptr) return {};
  const std::string_view name = function;
  constexpr std::string_view call_operator = "operator()";
  if (name.substr(0, call_operator.size()) == call_operator || name.substr(0, 2) == "__") return {};
  // The `<` of an operator is no template argument list.
  constexpr std::string_view less_operator = "operator<";
  const std::size_t begin = name.substr(0, less_operator.size()) == less_operator
                                ? name.find_first_not_of("<=>", less_operator.size())
                                : 0;
  return name.substr(0, name.find('<', std::min(begin, name.size())));
}

// For setters: the state of an observation whose values are wanted.
ObservationState* sampled(ObservationState* state) noexcept {
  return state != nullptr && state->is_sampled ? state : nullptr;
}

bool refuse_empty(std::string_view key) noexcept {
  if (key.empty()) internal::report_debug("a value without a key was refused");
  return key.empty();
}

Text limited(const ObservationState& state, std::string_view text) noexcept {
  return Text(text, state.client->settings().value_max_bytes);
}

}  // namespace

Observation observe(std::string_view name, ObservationType type) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return begin(*client, name, type, current());
}

Observation observe(std::string_view name, ObservationType type,
                    const SpanContext& parent) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  BorrowedContext remote;
  remote.span = parent;
  remote.is_remote = true;
  remote.propagated = current().propagated;
  return begin(*client, name, type, remote);
}

Observation observe(std::string_view name, ObservationType type, const Context& parent) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  return begin(*client, name, type, parent);
}

Observation observe(ObservationType type, const char* function, const char* file,
                    int line) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return Observation();
  const std::string_view name = function_name(function);
  if (!name.empty()) return begin(*client, name, type, current());
  const PlaceName place(file == nullptr ? "" : file, line);
  return begin(*client, {place.text, place.size}, type, current());
}

Observation& Observation::set_input(internal::Value value) & noexcept {
  if (auto* const state = sampled(state_)) set_attribute(*state, internal::keys::input, value);
  return *this;
}

Observation& Observation::set_output(internal::Value value) & noexcept {
  if (auto* const state = sampled(state_)) {
    set_attribute(*state, internal::keys::output, value);
  }
  return *this;
}

Observation& Observation::set_metadata(std::string_view key, internal::Value value) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(key)) return *this;
  const Text users_part = limited(*state, key);
  set_attribute(*state, {internal::keys::metadata_prefix, users_part}, value);
  return *this;
}

Observation& Observation::set_name(std::string_view name) & noexcept {
  if (auto* const state = sampled(state_)) set_text(state->name, limited(*state, name));
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
    set_text(state->status_message, limited(*state, message));
  }
  return *this;
}

Observation& Observation::set_version(std::string_view version) & noexcept {
  if (auto* const state = sampled(state_)) set_text(state->version, limited(*state, version));
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
  if (state == nullptr || refuse_empty(name)) return *this;
  set_member(*state, ObservationState::model_parameters, name, value);
  return *this;
}

Observation& Observation::set_usage(std::string_view kind, internal::TokenCount tokens) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(kind)) return *this;
  set_member(*state, ObservationState::usage_details, kind, tokens.count());
  return *this;
}

Observation& Observation::set_cost(std::string_view kind,
                                   internal::DollarAmount dollars) & noexcept {
  ObservationState* const state = sampled(state_);
  if (state == nullptr || refuse_empty(kind) || !dollars.is_known()) return *this;
  set_member(*state, ObservationState::cost_details, kind, dollars.dollars());
  return *this;
}

void Observation::end() & noexcept {
  if (state_ == nullptr) return;
  finish(state_);
  state_ = nullptr;
}

void Observation::end_with_scope() noexcept {
  if (std::uncaught_exceptions() > state_->uncaught_exceptions) {
    state_->level = Level::error;
    if (state_->is_sampled && state_->status_message.empty()) {
      set_text(state_->status_message, Text("ended by an exception"));
    }
  }
  end();
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
  internal::retain(state_->propagated);
  context.propagated = internal::PropagatedReference(state_->propagated);
  return context;
}

}  // namespace v0_1
}  // namespace langfuse

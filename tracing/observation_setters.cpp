// What is said about an open observation.
#include <utility>

#include "langfuse/tracing/observe.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/utc_time.h"
#include "pipeline/client.h"
#include "tracing/bytes/attribute_pieces.h"
#include "tracing/context/propagated_block.h"
#include "tracing/context/thread_context.h"
#include "tracing/flattened_metadata.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"
#include "tracing/short_way.h"

namespace langfuse {
inline namespace v0_1 {

namespace internal {
namespace {

void set_io(ObservationState& state, const KnownText& attribute, const Value& value) noexcept {
  if (value.kind() == Value::Kind::text && set_text_at_once(state, attribute, value.text())) {
    return;
  }
  if (state.is_sampled) set_io(state, attribute.key(), value);
}

// Propagated, because a server that keeps a table of traces takes a later span that does not say it
// for one that says the contrary.
void make_trace_public(ObservationState& state) noexcept {
  PropagatedBlock added;
  const FullKey key(keys::trace_public);
  char* const room = added.trace_public.reserve(scalar_attribute_bound(key) + attribute_slack);
  const PropagatedBlock* block = nullptr;
  if (room != nullptr) {
    const char* const end = write_bool_attribute(room, key, true);
    added.trace_public.commit(static_cast<std::size_t>(end - room));
    block = merged(state.propagated, added, false);
  }
  if (block == nullptr) {
    count_lost_value(*state.client);
    return;
  }
  release(std::exchange(state.propagated, block));
  propagate_in_trace(state.trace_id, added);
}

}  // namespace

void OpenObservation::set_input(ObservationState& state, const Value& value) noexcept {
  set_io(state, layouts::input, value);
}

void OpenObservation::set_output(ObservationState& state, const Value& value) noexcept {
  if (state.has_more()) state.more().tokens.clear_text(largest_kept_json);
  set_io(state, layouts::output, value);
}

void OpenObservation::set_metadata(ObservationState& state, std::string_view key,
                                   const Value& value) noexcept {
  if (!state.is_sampled || refuse_empty(key, "metadata without a key are refused")) return;
  if (!set_metadata_at_once(state, key, value)) internal::set_metadata(state, key, value);
  if (!is_served(key)) {
    refuse("the server drops metadata with __proto__, prototype or constructor in their key");
  }
}

void OpenObservation::set_name(ObservationState& state, std::string_view name) noexcept {
  if (state.is_sampled) set_field(state, state.name, name);
}

void OpenObservation::set_type(ObservationState& state, ObservationType type) noexcept {
  state.type = type;
}

void OpenObservation::set_level(ObservationState& state, Level level) noexcept {
  state.level = level;
}

void OpenObservation::set_status_message(ObservationState& state,
                                         std::string_view message) noexcept {
  if (!state.is_sampled || set_field_at_once(state, state.more().status_message, message)) return;
  internal::set_status_message(state, message);
}

void OpenObservation::set_version(ObservationState& state, std::string_view version) noexcept {
  if (!state.is_sampled || set_field_at_once(state, state.more().version, version)) return;
  set_field(state, state.more().version, version);
}

void OpenObservation::set_model(ObservationState& state, std::string_view model) noexcept {
  if (!state.is_sampled || set_text_at_once(state, layouts::model_name, model)) return;
  set_attribute(state, keys::model_name, model);
}

void OpenObservation::set_model_parameter(ObservationState& state, std::string_view name,
                                          const Value& value) noexcept {
  if (!state.is_sampled) return;
  if (refuse_empty(name, "a model parameter without a name is refused")) return;
  put_member(state, ObservationState::model_parameters, name, value);
}

void OpenObservation::set_prompt(ObservationState& state, std::string_view name,
                                 std::int64_t version) noexcept {
  if (!state.is_sampled) return;
  constexpr std::int64_t largest_version = 65'535;  // what the server's column holds
  if (name.empty() || version < 1 || version > largest_version) {
    return refuse("a prompt without a name, or with a version not in 1 to 65535, is not linked");
  }
  state.more().prompt_version = 0;  // both or neither
  if (set_field(state, state.more().prompt_name, name)) state.more().prompt_version = version;
}

void OpenObservation::set_completion_start_time(ObservationState& state, UnixTime time) noexcept {
  if (!state.is_sampled || time.nanoseconds() <= 0) return;
  state.has_completion_start = true;
  set_attribute(state, keys::completion_start_time,
                std::string_view(utc_time_text(time.nanoseconds())));
}

void OpenObservation::set_trace_as_public(ObservationState& state) noexcept {
  if (state.is_sampled) make_trace_public(state);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

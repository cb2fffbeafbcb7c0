// Values on their way into an open observation: encoded at once, when they are set.
#pragma once

#include <cstddef>
#include <string_view>

#include "langfuse/tracing/observe.h"
#include "model/attribute_encoder.h"
#include "model/utf8.h"
#include "tracing/observation_attributes.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// All of them: as the functions of `observation_attributes.h`, which says what becomes of a value
// that finds no memory.

// Replaces a plain field of the observation: cut, counted, and reported when it is lost.
bool set_field(ObservationState& state, GrowingArray<char>& field, std::string_view text) noexcept;

// What `Config::mask` has a say in. Input and output are text whatever they were, as the other SDKs
// send them: servers that keep a table of observations lose a native 0 or false there.
void set_io(ObservationState& state, const AttributeKey& key, const Value& value) noexcept;
// Metadata keep their type, and a JSON object becomes one attribute for each path in it.
void set_metadata(ObservationState& state, std::string_view users_key, const Value& value) noexcept;

// Masked, cut and counted.
void set_status_message(ObservationState& state, std::string_view message) noexcept;

// For the end: what the tokens make, masked, becomes the output.
void set_text_of_tokens(ObservationState& state) noexcept;
// For the end: the log lines that became a part of the observation. `full_size`: of all of them
// when `text` is only the beginning.
void set_text_of_lines(ObservationState& state, std::string_view text,
                       std::size_t full_size) noexcept;

// Sets one member of a JSON object. JSON values become strings there: what an `AsJson` writes may
// not be JSON, and would take the other members with it.
void set_member(ObservationState& state, ObservationState::Object object, std::string_view name,
                const Value& value) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

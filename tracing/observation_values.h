// Sets values of an open observation. They are encoded at once.
#pragma once

#include <cstddef>
#include <string_view>

#include "langfuse/tracing/observe.h"
#include "model/attribute_encoder.h"
#include "model/cut_text.h"
#include "tracing/observation_attributes.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// REQUIRES, for all: the observation is sampled and the caller's thread owns it. A value that finds
// no memory is lost as `observation_attributes.h` describes.

// Replaces a plain field of the observation: cut, counted, and reported when it is lost.
bool set_field(ObservationState& state, GrowingArray<char>& field, std::string_view text) noexcept;

// Sets input or output, after the mask, as text: servers that keep a table of observations lose a
// native 0 or false there, and the other SDKs send text too.
void set_io(ObservationState& state, const AttributeKey& key, const Value& value) noexcept;
// Sets metadata, after the mask. A value keeps its type, and a JSON object becomes one attribute
// for each path in it.
void set_metadata(ObservationState& state, std::string_view users_key, const Value& value) noexcept;

// Sets the status message, after the mask; cut and counted.
void set_status_message(ObservationState& state, std::string_view message) noexcept;

// For the end: the text of the tokens, after the mask, becomes the output.
void set_text_of_tokens(ObservationState& state) noexcept;
// For the end: sets the log lines that were put into the observation. `full_size`: of all of them,
// when `text` is only the beginning.
void set_text_of_lines(ObservationState& state, std::string_view text,
                       std::size_t full_size) noexcept;

// Says that a value is refused, and why.
void refuse(std::string_view problem) noexcept;
// True if there is no key; says so.
inline bool refuse_empty(std::string_view key, std::string_view problem) noexcept {
  if (key.empty()) refuse(problem);
  return key.empty();
}

// Sets one member of a JSON object. A JSON value becomes a string there, because an `AsJson` may
// write text that is not JSON, and would then spoil the other members.
void set_member(ObservationState& state, ObservationState::Object object, std::string_view name,
                const Value& value) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

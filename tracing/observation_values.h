// Values on their way into an open observation: encoded at once, when they are set.
#pragma once

#include <string_view>

#include "langfuse/tracing/observe.h"
#include "model/attribute_encoder.h"
#include "model/utf8.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// All of them: of a sampled observation, by the thread that has it. Nothing throws; what there is
// no memory for is left out and reported, and the older value stays.

// Replaces a plain text field.
void set_text(GrowingArray<char>& field, const Text& text) noexcept;

// Sets one attribute.
void set_text_attribute(ObservationState& state, const FullKey& key, const Text& text) noexcept;
void set_attribute(ObservationState& state, const FullKey& key, const Value& value) noexcept;

// Sets what is known only at the end: the text of the tokens, the prompt.
void set_last_attributes(ObservationState& state) noexcept;

// What `Config::mask` has a say in. Input and output are text whatever they were, as the other SDKs
// send them: servers that keep a table of observations lose a native 0 or false there.
void set_io(ObservationState& state, const AttributeKey& key, const Value& value) noexcept;
// Metadata keep their type. `users_part`: what comes behind `metadata_prefix`.
void set_metadata(ObservationState& state, const Text& users_part, const Value& value) noexcept;

// Masked, cut and counted.
void set_status_message(ObservationState& state, std::string_view message) noexcept;

// Sets one member of a JSON object. JSON values become strings there: what an `AsJson` writes may
// not be JSON, and would take the other members with it.
void set_member(ObservationState& state, ObservationState::Object object, std::string_view name,
                const Value& value) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

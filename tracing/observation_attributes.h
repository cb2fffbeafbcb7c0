// How one attribute comes into the buffer of an observation, and what happens where there is no
// room.
#pragma once

#include <string_view>

#include "langfuse/tracing/value.h"
#include "model/attribute_key.h"
#include "model/utf8.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// All of them: of a sampled observation, by the thread that has it. Nothing throws. A value that
// finds no memory is lost, and what it was before with it: an old value must not pass for the new
// one. That is counted in `Stats::lost_values` and reported, which may run the user's `on_error`:
// touch the observation no more when a call says that it lost something.

// Counts and reports it.
void count_lost_value(Client& client) noexcept;

// Replaces a text. False, and the text is empty, when there is no memory.
bool set_text(GrowingArray<char>& field, const Text& text) noexcept;

// Sets one attribute. False when it is not set. REQUIRES: no JSON.
bool set_attribute(ObservationState& state, const FullKey& key, const Value& value) noexcept;

// The same of a text, which the caller has cut.
bool set_text_attribute(ObservationState& state, const FullKey& key, const Text& text) noexcept;

// The attribute goes with what it was before.
void lose_attribute(ObservationState& state, const FullKey& key) noexcept;

// Cuts the longest texts of the attributes that exceed `Config::record_max_bytes` together, as they
// will be cut in the record: small ones stay whole. Nothing to do otherwise.
void cut_attributes(ObservationState& state) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

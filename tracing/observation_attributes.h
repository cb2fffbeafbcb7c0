// Puts one attribute into the buffer of an observation; without memory for it, the attribute is
// lost.
#pragma once

#include <string_view>

#include "langfuse/tracing/value.h"
#include "model/attribute_key.h"
#include "model/cut_text.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// REQUIRES, for all: the observation is sampled and the caller's thread owns it.
//
// Nothing throws. A value that finds no memory is lost together with the key's earlier value, which
// must not pass for the new one. The loss is counted in `Stats::lost_values` and reported, which
// may run the user's `on_error`: after a call that reports a loss, do not touch the observation.

// Counts and reports a lost value.
void count_lost_value(Client& client) noexcept;

// Replaces `field`. False, and `field` is empty, when there is no memory.
bool set_text(GrowingArray<char>& field, const Text& text) noexcept;

// Sets one attribute. False when it is lost. REQUIRES: `value` is not JSON.
bool set_attribute(ObservationState& state, const FullKey& key, const Value& value) noexcept;

// Sets a text attribute, which the caller has cut to its limit. False when it is lost.
bool set_text_attribute(ObservationState& state, const FullKey& key, const Text& text) noexcept;

// Removes the attribute, and counts and reports a lost value.
void lose_attribute(ObservationState& state, const FullKey& key) noexcept;

// If the attributes together exceed `Config::record_max_bytes`, cuts their longest texts as they
// will be cut in the record; short texts stay whole. Otherwise does nothing.
void cut_attributes(ObservationState& state) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

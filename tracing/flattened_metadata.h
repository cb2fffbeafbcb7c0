// JSON objects as metadata: one attribute for each path, so that the server can filter by it.
//
// The server keeps metadata as a flat list of names and values. An object that arrives as the text
// of one attribute is one value, into which no filter looks. Under its paths, `k.a.b`, each value
// has a name of its own and, on newer servers, its type.
#pragma once

#include <cstddef>
#include <string_view>

#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Sets the members of the JSON object in `json` as metadata below `key`, replacing what `key` had.
// Names are joined by dots. These stay JSON text: arrays, empty objects, values deeper than 10
// names, and objects with a name that the server would drop. False, and nothing is changed, if
// `json` is not a JSON object, has more than 128 paths, or has a name that the server uses itself.
// REQUIRES: as the setters of `observation_attributes.h`.
bool set_flattened(ObservationState& state, std::string_view key, std::string_view json) noexcept;

// Removes the attributes that objects have set at `key` and below.
void remove_paths(ObservationState& state, std::string_view key) noexcept;
inline void remove_flattened(ObservationState& state, std::string_view key) noexcept {
  if (state.has_parts) remove_paths(state, key);
}

bool has_dropped_segment(std::string_view key) noexcept;
// False when a segment of the dotted `key` is one that the server drops silently: `__proto__`,
// `prototype`, `constructor`.
inline bool is_served(std::string_view key) noexcept {
  constexpr std::size_t shortest = 9;
  return key.size() < shortest || !has_dropped_segment(key);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The JSON of a value, written by the user's `AsJson` into memory of the observation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "langfuse/tracing/value.h"
#include "model/cut_text.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/bytes/json_text.h"
#include "tracing/masking.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Calls `use(text, full_size)` with the JSON of `value`, or with its beginning when it is too long.
// Calls `lose()` instead when there is no memory for it. Calls neither when the observation has
// ended meanwhile, which the user's code may cause, also inside the two.
template <class Use, class Lose>
void with_json(ObservationState& state, const Value& value, Use use, Lose lose) noexcept {
  // Room for the character that the limit cuts through, and for the margin that the mask sees.
  const std::size_t beyond = mask_margin(*state.client) + 4;
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const std::size_t max_bytes = state.client->settings().value_max_bytes;
  JsonBuffer buffer;
  buffer.max_bytes = max_bytes < Text::unlimited - beyond ? max_bytes + beyond : Text::unlimited;
  // Moved out of the state while the user's code runs, which may set values itself.
  buffer.text = std::move(state.more().json);
  bool has_thrown = false;
  try {
    JsonText json = JsonTextAccess::make(&buffer);
    value.write(json);
  } catch (...) {
    has_thrown = true;
    report(Diagnostic::Severity::warning,
           "a value's AsJson threw an exception; the value reads <not serializable>");
  }
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  if (has_thrown) {
    use(std::string_view("<not serializable>"), std::size_t{0});
  } else if (buffer.is_out_of_memory) {
    lose();
  } else {
    use(buffer.view(), buffer.full_size);
  }
  // The mask or `on_error` may also have ended it, and the state may belong to another one by now.
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  buffer.text.clear(largest_kept_json);
  state.more().json = std::move(buffer.text);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "tracing/observation_values.h"

#include <algorithm>
#include <utility>

#include "model/attribute_keys.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/flattened_metadata.h"
#include "tracing/json_value.h"
#include "tracing/masking.h"
#include "tracing/scalar_text.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Calls `use(text, full_size)` with what the mask leaves of a text. `full_size`: of the whole text
// when `text` is only its beginning. Does not when the observation has ended meanwhile: the user's
// mask may do that.
template <class Use>
void with_masked(ObservationState& state, std::string_view text, std::size_t full_size,
                 Use use) noexcept {
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const std::size_t missing = std::max(full_size, text.size()) - text.size();
  const MaskedText masked(*state.client, text);
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  if (missing == 0) {
    use(masked.view(), 0);
  } else {
    use(without_open_end(*state.client, text, masked.view()), masked.view().size() + missing);
  }
}

void set_masked_text(ObservationState& state, const FullKey& key, std::string_view text,
                     std::size_t full_size) noexcept {
  const std::size_t max_bytes = state.client->settings().value_max_bytes;
  if (!has_mask(*state.client)) {
    set_text_attribute(state, key, Text(text, max_bytes, full_size));
    return;
  }
  with_masked(state, text, full_size, [&](std::string_view left, std::size_t left_full_size) {
    set_text_attribute(state, key, Text(left, max_bytes, left_full_size));
  });
}

void set_json(ObservationState& state, const FullKey& key, const Value& value) noexcept {
  with_json(
      state, value,
      [&](std::string_view text, std::size_t full_size) {
        set_masked_text(state, key, text, full_size);
      },
      [&] { lose_attribute(state, key); });
}

// Metadata that are masked or JSON.
void set_changed_metadata(ObservationState& state, std::string_view users_key, const FullKey& key,
                          const Value& value) noexcept {
  const auto set_as_text = [&](std::string_view text, std::size_t full_size) {
    remove_flattened(state, users_key);
    set_text_attribute(state, key, Text(text, state.client->settings().value_max_bytes, full_size));
  };
  if (value.kind() == Value::Kind::json) {
    const auto set_as_json = [&](std::string_view text, std::size_t full_size) {
      const std::size_t max_bytes = state.client->settings().value_max_bytes;
      const bool is_whole = full_size <= text.size() && text.size() <= max_bytes;
      if (is_whole && set_flattened(state, users_key, text)) return;
      set_as_text(text, full_size);
    };
    with_json(
        state, value,
        [&](std::string_view text, std::size_t full_size) {
          with_masked(state, text, full_size, set_as_json);
        },
        [&] {
          remove_flattened(state, users_key);
          lose_attribute(state, key);
        });
  } else if (value.kind() == Value::Kind::text) {
    with_masked(state, value.text(), 0, set_as_text);
  } else {
    // It stays a number where the mask has nothing to say about it.
    const ScalarText scalar(value);
    with_masked(state, scalar.view(), 0, [&](std::string_view text, std::size_t) {
      remove_flattened(state, users_key);
      set_attribute(state, key, text == scalar.view() ? value : Value(text));
    });
  }
}

}  // namespace

bool set_field(ObservationState& state, GrowingArray<char>& field, std::string_view text) noexcept {
  const Text limited(text, state.client->settings().value_max_bytes);
  if (!set_text(field, limited)) {
    count_lost_value(*state.client);
    return false;
  }
  if (limited.is_cut()) state.client->counters().cut_texts.add();
  return true;
}

void set_io(ObservationState& state, const AttributeKey& key, const Value& value) noexcept {
  if (value.kind() == Value::Kind::json) {
    set_json(state, key, value);
  } else if (value.kind() == Value::Kind::text) {
    set_masked_text(state, key, value.text(), 0);
  } else {
    const ScalarText scalar(value);
    set_masked_text(state, key, scalar.view(), 0);
  }
}

void set_metadata(ObservationState& state, std::string_view users_key,
                  const Value& value) noexcept {
  const Text users_part(users_key, state.client->settings().value_max_bytes);
  if (users_part.is_cut()) state.client->counters().cut_texts.add();
  const FullKey key(keys::metadata_prefix, users_part);
  if (value.kind() == Value::Kind::json || has_mask(*state.client)) {
    set_changed_metadata(state, users_key, key, value);
    return;
  }
  remove_flattened(state, users_key);
  set_attribute(state, key, value);
}

void refuse(std::string_view problem) noexcept {
  report(Diagnostic::Severity::warning, problem);
}

void set_status_message(ObservationState& state, std::string_view message) noexcept {
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const MaskedText masked(*state.client, message);
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  set_field(state, state.more().status_message, masked.view());
}

void set_text_of_tokens(ObservationState& state) noexcept {
  if (state.more().tokens.full_size == 0) return;
  // Taken out of the state while the mask looks at it: that may add tokens, which come too late.
  GrowingArray<char> text = std::move(state.more().tokens.text);
  set_masked_text(state, keys::output, view(text), std::exchange(state.more().tokens.full_size, 0));
  text.clear(largest_kept_json);
  state.more().tokens.text = std::move(text);
}

void set_text_of_lines(ObservationState& state, std::string_view text,
                       std::size_t full_size) noexcept {
  // As if the user had set it, so that the two are one.
  const Text users_part = Text::well_formed(keys::line_log);
  set_text_attribute(state, FullKey(keys::metadata_prefix, users_part),
                     Text(text, state.client->settings().value_max_bytes, full_size));
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

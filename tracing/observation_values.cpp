#include "tracing/observation_values.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/attribute_keys.h"
#include "model/diagnostics.h"
#include "model/json_string.h"
#include "pipeline/client.h"
#include "tracing/attribute_pieces.h"
#include "tracing/json_text.h"
#include "tracing/masking.h"
#include "tracing/scalar_text.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

void report_lack_of_memory() noexcept {
  report(Diagnostic::Severity::warning, "no memory for a value of an observation; it is left out");
}

// Room for a piece; null when there is no memory, or when the record would be dropped as too large
// anyway: an observation must not take memory without end.
char* reserve_piece(const ObservationState& state, KeyedPieces& pieces, std::size_t size) noexcept {
  if (pieces.bytes().size() > state.client->settings().record_max_bytes) return nullptr;
  char* const room = pieces.reserve(size);
  if (room == nullptr) report_lack_of_memory();
  return room;
}

// Calls `use(text, full_size)` with the JSON of `value`, or its beginning when it is too long. Does
// not when the observation has ended meanwhile: the user's code may do that.
template <class Use>
void with_json(ObservationState& state, const Value& value, Use use) noexcept {
  // Room for the character that the limit cuts through.
  constexpr std::size_t longest_character = 4;
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const std::size_t max_bytes = state.client->settings().value_max_bytes;
  JsonBuffer buffer;
  buffer.max_bytes = max_bytes < Text::unlimited - longest_character ? max_bytes + longest_character
                                                                     : Text::unlimited;
  // Taken out of the state while the user's code runs, which may set values of its own.
  buffer.text = std::move(state.json);
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
    report_lack_of_memory();
  } else {
    use(buffer.view(), buffer.full_size);
  }
  // The mask may have ended it, too, and the state be another observation's by now.
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  buffer.text.clear(largest_kept_json);
  state.json = std::move(buffer.text);
}

template <class Write>
void set_scalar_attribute(ObservationState& state, const FullKey& key, Write write) noexcept {
  char* const room =
      reserve_piece(state, state.attributes, scalar_attribute_bound(key) + attribute_slack);
  if (room == nullptr) return;
  commit_attribute(state.attributes, key, room, write(room));
}

// Sets `"name":` and what `write` puts behind it, at most `value_bound` bytes.
template <class Write>
void set_written_member(ObservationState& state, ObservationState::Object object,
                        std::string_view name, std::size_t value_bound, Write write) noexcept {
  const std::size_t name_size = json_string_size(name);
  char* const room = reserve_piece(state, state.members, name_size + 1 + value_bound);
  if (room == nullptr) return;
  char* out = write_json_string(room, name);
  *out++ = ':';
  out = write(out);
  state.members.commit(object, static_cast<std::size_t>(out - room), 1, name_size - 2);
}

template <class Number>
void set_number_member(ObservationState& state, ObservationState::Object object,
                       std::string_view name, Number value) noexcept {
  constexpr std::size_t longest_number = 32;
  set_written_member(state, object, name, longest_number, [value](char* out) {
    return std::to_chars(out, out + longest_number, value).ptr;
  });
}

// `full_size`: of the whole text when `text` is only its beginning.
void set_string_member(ObservationState& state, ObservationState::Object object,
                       std::string_view name, std::string_view text,
                       std::size_t full_size) noexcept {
  const std::size_t max_bytes = state.client->settings().value_max_bytes;
  GrowingArray<char> cut;
  if (std::max(text.size(), full_size) > max_bytes) {
    state.client->count_cut(1);
    set_text(cut, Text(text, max_bytes, full_size));
    text = {cut.data(), cut.size()};
  }
  set_written_member(state, object, name, json_string_size(text),
                     [text](char* out) { return write_json_string(out, text); });
}

// As text where JavaScript would round it.
template <class Integer>
void set_integer_member(ObservationState& state, ObservationState::Object object,
                        std::string_view name, Integer value) noexcept {
  if (is_exact_integer(value)) {
    set_number_member(state, object, name, value);
    return;
  }
  char digits[24];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  set_string_member(state, object, name, {digits, static_cast<std::size_t>(end - digits)}, 0);
}

// `full_size`: of the whole text when `text` is only its beginning. Not when the observation has
// ended meanwhile: the user's mask may do that.
void set_masked_text(ObservationState& state, const FullKey& key, std::string_view text,
                     std::size_t full_size) noexcept {
  const std::size_t max_bytes = state.client->settings().value_max_bytes;
  if (!has_mask(*state.client)) {
    set_text_attribute(state, key, Text(text, max_bytes, full_size));
    return;
  }
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const std::size_t missing = std::max(full_size, text.size()) - text.size();
  const MaskedText masked(*state.client, text);
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  set_text_attribute(
      state, key,
      Text(masked.view(), max_bytes, missing == 0 ? 0 : masked.view().size() + missing));
}

void set_json(ObservationState& state, const FullKey& key, const Value& value) noexcept {
  with_json(state, value, [&](std::string_view text, std::size_t full_size) {
    set_masked_text(state, key, text, full_size);
  });
}

}  // namespace

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

void set_metadata(ObservationState& state, const Text& users_part, const Value& value) noexcept {
  const FullKey key(keys::metadata_prefix, users_part);
  if (value.kind() == Value::Kind::json) {
    set_json(state, key, value);
  } else if (value.kind() == Value::Kind::text) {
    set_masked_text(state, key, value.text(), 0);
  } else if (!has_mask(*state.client)) {
    set_attribute(state, key, value);
  } else {
    // It stays a number where the mask has nothing to say about it.
    const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
    const ScalarText scalar(value);
    const MaskedText masked(*state.client, scalar.view());
    if (state.generation.load(std::memory_order_relaxed) != generation) return;
    set_attribute(state, key, masked.view() == scalar.view() ? value : Value(masked.view()));
  }
}

void set_status_message(ObservationState& state, std::string_view message) noexcept {
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const MaskedText masked(*state.client, message);
  if (state.generation.load(std::memory_order_relaxed) != generation) return;
  const Text text(masked.view(), state.client->settings().value_max_bytes);
  if (text.is_cut()) state.client->count_cut(1);
  set_text(state.status_message, text);
}

void set_text(GrowingArray<char>& field, const Text& text) noexcept {
  const std::size_t old_size = field.size();
  char* const room = field.reserve(text.size());
  if (room == nullptr) {
    if (!text.empty()) report_lack_of_memory();
    return;
  }
  text.write(room);
  field.commit(text.size());
  field.erase(0, old_size);
}

void set_text_attribute(ObservationState& state, const FullKey& key, const Text& text) noexcept {
  if (text.is_cut()) state.client->count_cut(1);
  char* const room = reserve_piece(state, state.attributes,
                                   text_attribute_bound(key, text.size()) + attribute_slack);
  if (room == nullptr) return;
  commit_attribute(state.attributes, key, room, write_text_attribute(room, key, text));
}

void set_attribute(ObservationState& state, const FullKey& key, const Value& value) noexcept {
  switch (value.kind()) {
    case Value::Kind::text:
      set_text_attribute(state, key, Text(value.text(), state.client->settings().value_max_bytes));
      return;
    case Value::Kind::boolean:
      set_scalar_attribute(state, key, [&](char* out) {
        return write_bool_attribute(out, key, value.integer() != 0);
      });
      return;
    case Value::Kind::integer:
      set_scalar_attribute(state, key, [&](char* out) {
        return write_integer_attribute(out, key, value.integer());
      });
      return;
    case Value::Kind::unsigned_integer:
      set_scalar_attribute(state, key, [&](char* out) {
        return write_unsigned_attribute(out, key, static_cast<std::uint64_t>(value.integer()));
      });
      return;
    case Value::Kind::real:
      set_scalar_attribute(state, key,
                           [&](char* out) { return write_real_attribute(out, key, value.real()); });
      return;
    case Value::Kind::json:
      with_json(state, value, [&](std::string_view text, std::size_t full_size) {
        const std::size_t max_bytes = state.client->settings().value_max_bytes;
        set_text_attribute(state, key, Text(text, max_bytes, full_size));
      });
      return;
  }
}

void set_last_attributes(ObservationState& state) noexcept {
  if (state.tokens.full_size > 0) {
    // Taken out of the state while the mask looks at it: that may add tokens, which come too late.
    GrowingArray<char> text = std::move(state.tokens.text);
    set_masked_text(state, keys::output, view(text), std::exchange(state.tokens.full_size, 0));
    text.clear(largest_kept_json);
    state.tokens.text = std::move(text);
  }
  if (state.prompt_version > 0 && state.type == ObservationType::generation) {
    set_attribute(state, keys::prompt_name, view(state.prompt_name));
    set_attribute(state, keys::prompt_version, state.prompt_version);
  }
}

void set_member(ObservationState& state, ObservationState::Object object, std::string_view name,
                const Value& value) noexcept {
  switch (value.kind()) {
    case Value::Kind::text:
      set_string_member(state, object, name, value.text(), 0);
      return;
    case Value::Kind::boolean: {
      const std::string_view text = value.integer() != 0 ? "true" : "false";
      set_written_member(state, object, name, text.size(),
                         [text](char* out) { return write_raw(out, text); });
      return;
    }
    case Value::Kind::integer:
      set_integer_member(state, object, name, value.integer());
      return;
    case Value::Kind::unsigned_integer:
      set_integer_member(state, object, name, static_cast<std::uint64_t>(value.integer()));
      return;
    case Value::Kind::real: {
      const std::string_view text = not_finite_text(value.real());
      if (text.empty()) {
        set_number_member(state, object, name, value.real());
      } else {
        set_string_member(state, object, name, text, 0);
      }
      return;
    }
    case Value::Kind::json:
      with_json(state, value, [&](std::string_view text, std::size_t full_size) {
        set_string_member(state, object, name, text, full_size);
      });
      return;
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

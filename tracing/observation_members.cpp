// Members of the JSON objects of an observation: model parameters, usage, cost.
#include <algorithm>
#include <charconv>

#include "model/json_string.h"
#include "pipeline/client.h"
#include "tracing/json_value.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// The member goes with what it was before.
void lose_member(ObservationState& state, ObservationState::Object object,
                 std::string_view name) noexcept {
  state.members.remove_if([&](const KeyedPieces::Entry& entry) {
    const std::string_view written = state.members.piece(entry).substr(0, entry.key_size + 2);
    return entry.group == object && is_json_string_of(written, name);
  });
  count_lost_value(*state.client);
}

// Sets `"name":` and what `write` puts behind it, at most `value_bound` bytes.
template <class Write>
void set_written_member(ObservationState& state, ObservationState::Object object,
                        std::string_view name, std::size_t value_bound, Write write) noexcept {
  if (state.members.bytes().size() > state.client->settings().record_max_bytes) return;
  const std::size_t name_size = json_string_size(name);
  char* const room = state.members.reserve(name_size + 1 + value_bound);
  if (room == nullptr) {
    lose_member(state, object, name);
    return;
  }
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
    if (!set_text(cut, Text(text, max_bytes, full_size))) {
      lose_member(state, object, name);
      return;
    }
    state.client->count_cut(1);
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

}  // namespace

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
      with_json(
          state, value,
          [&](std::string_view text, std::size_t full_size) {
            set_string_member(state, object, name, text, full_size);
          },
          [&] { lose_member(state, object, name); });
      return;
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

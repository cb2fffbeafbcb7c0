// Members of the JSON objects of an observation: model parameters, usage, cost.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <type_traits>

#include "model/cut_text.h"
#include "model/json_string.h"
#include "model/short_number.h"
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
  KeyedPieces& members = state.more().members[object];
  members.remove_if([&](const KeyedPieces::Entry& entry) {
    const std::string_view written = members.piece(entry).substr(1, entry.key_size + 2);
    return is_json_string_of(written, name);
  });
  count_lost_value(*state.client);
}

// The text of a member as JSON has it, without the quotes; empty when its value is none.
std::string_view text_of(std::string_view piece, const KeyedPieces::Entry& entry) noexcept {
  piece.remove_prefix(std::size_t{entry.key_offset} + entry.key_size + 2);
  if (piece.empty() || piece.front() != '"') return {};
  return piece.substr(1, piece.size() - 2);
}

// How much of a JSON text's first `size` bytes stays when no character and no escape is split.
std::size_t whole_size(std::string_view text, std::size_t size) noexcept {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  constexpr std::size_t escape_length = 6;
  for (std::size_t back = 1; back < escape_length && back <= size; ++back) {
    if (text[size - back] != '\\') continue;
    // One behind another is what the other escapes.
    std::size_t before = 0;
    while (before < size - back && text[size - back - 1 - before] == '\\') ++before;
    if (before % 2 != 0) continue;
    const std::size_t length = text[size - back + 1] == 'u' ? escape_length : 2;
    return length > back ? size - back : size;
  }
  return size;
}

// How many bytes a JSON text stands for: an escape of ours is one of them.
std::size_t plain_size(std::string_view text) noexcept {
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); ++size) {
    at += text[at] != '\\' ? 1U : text[at + 1] == 'u' ? 6U : 2U;
  }
  return size;
}

// A JSON text as it will be: its beginning and, when something is missing, the mark.
struct CutJson {
  std::string_view kept;
  std::size_t missing = 0;  // of what it stands for, those included that were missing before

  // `is_exact`: what is missing is counted, and not merely taken for as much as it can be.
  CutJson(std::string_view text, std::size_t limit, bool is_exact) noexcept : kept(text) {
    if (text.size() <= limit) return;
    const std::size_t missing_before = take_truncation_mark(text);
    const std::size_t size = whole_size(text, std::min(limit, text.size()));
    const std::string_view rest = text.substr(size);
    const std::size_t missing_now = missing_before + (is_exact ? plain_size(rest) : rest.size());
    if (size + truncation_mark_size(missing_now) >= kept.size()) return;
    kept = text.substr(0, size);
    missing = missing_now;
  }

  std::size_t size() const noexcept {
    return kept.size() + (missing == 0 ? 0 : truncation_mark_size(missing));
  }
};

std::size_t size_of_members(const ObservationState& state) noexcept {
  std::size_t size = 0;
  for (const KeyedPieces& members : state.more().members) size += members.bytes().size();
  return size;
}

std::size_t size_with(const ObservationState& state, std::size_t longest_text) noexcept {
  std::size_t size = 0;
  for (const KeyedPieces& members : state.more().members) {
    for (const KeyedPieces::Entry& entry : members.entries()) {
      const std::string_view text = text_of(members.piece(entry), entry);
      size += entry.size - text.size() + CutJson(text, longest_text, false).size();
    }
  }
  return size;
}

// Returns how many texts it cut, to `longest_text`.
std::size_t cut_members(KeyedPieces& members, std::size_t longest_text) noexcept {
  std::size_t count = 0;
  members.shorten_all([&](char* out, std::string_view piece, KeyedPieces::Entry& entry) {
    const std::string_view text = text_of(piece, entry);
    const CutJson cut(text, longest_text, true);
    const bool is_text = text.data() != nullptr;
    const std::size_t head = is_text ? static_cast<std::size_t>(text.data() - piece.data()) : 0;
    const std::size_t kept = is_text ? head + cut.kept.size() : piece.size();
    std::memmove(out, piece.data(), kept);
    out += kept;
    if (!is_text) return out;
    if (cut.missing > 0) {
      ++count;
      out = write_truncation_mark(out, cut.missing);
    }
    *out++ = '"';
    return out;
  });
  return count;
}

// Parameters, usage and cost are JSON objects, which the server drops when they are not whole: they
// must not become so large that they have to be cut with the record. Their longest texts are then
// cut to one length, so that all members take three quarters of what they may, or what they take
// with short texts.
void keep_members_small(ObservationState& state) noexcept {
  const std::size_t max_bytes = state.client->settings().record_max_bytes / 4;
  const std::size_t size = size_of_members(state);
  if (size <= max_bytes) return;
  constexpr std::size_t shortest = 256;
  std::size_t fitting = shortest;
  std::size_t too_long = std::max(size, shortest + 1);
  while (too_long - fitting > 1) {
    const std::size_t middle = fitting + (too_long - fitting) / 2;
    (size_with(state, middle) <= max_bytes / 4 * 3 ? fitting : too_long) = middle;
  }
  std::size_t count = 0;
  for (KeyedPieces& members : state.more().members) count += cut_members(members, fitting);
  state.client->counters().cut_texts.add(count);
}

// Sets `,"name":` and what `write` puts behind it, at most `value_bound` bytes. False when it is
// lost.
template <class Write>
bool set_written_member(ObservationState& state, ObservationState::Object object,
                        std::string_view name, std::size_t value_bound, Write write) noexcept {
  KeyedPieces& members = state.more().members[object];
  const std::size_t name_size = json_string_size(name);
  const bool is_full = size_of_members(state) > state.client->settings().record_max_bytes;
  char* const room = is_full ? nullptr : members.reserve(1 + name_size + 1 + value_bound);
  if (room == nullptr) {
    lose_member(state, object, name);
    return false;
  }
  room[0] = ',';
  char* out = write_json_string(room + 1, name);
  *out++ = ':';
  out = write(out);
  constexpr std::size_t key_offset = 2;
  const std::string_view key(room + key_offset, name_size - 2);
  members.commit(static_cast<std::size_t>(out - room), key_offset, key.size(),
                 bit_of_users_key(key));
  return true;
}

template <class Number>
void set_number_member(ObservationState& state, ObservationState::Object object,
                       std::string_view name, Number value) noexcept {
  set_written_member(state, object, name, longest_number, [value](char* out) {
    if constexpr (std::is_floating_point<Number>::value) {
      return write_real_text(out, value);
    } else {
      return write_integer_text(out, value);
    }
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
    state.client->counters().cut_texts.add();
    text = {cut.data(), cut.size()};
  }
  const bool is_set =
      set_written_member(state, object, name, json_string_size(text),
                         [text](char* out) { return write_json_string(out, text); });
  if (is_set) keep_members_small(state);
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

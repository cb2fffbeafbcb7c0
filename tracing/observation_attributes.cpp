#include "tracing/observation_attributes.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/attribute_encoder.h"
#include "model/diagnostics.h"
#include "model/record_cutter.h"
#include "pipeline/client.h"
#include "tracing/bytes/attribute_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Room for an attribute of at most `size` bytes; null when there is none, and the attribute is
// lost, or when the record will be dropped as too large anyway.
char* reserve_attribute(ObservationState& state, const FullKey& key, std::size_t size) noexcept {
  // An observation must not take memory without end. Twice as much as a record may have, so that
  // what is copied when texts are cut is in proportion to what was set.
  if (state.attributes.bytes().size() / 2 > state.client->settings().record_max_bytes) {
    cut_attributes(state);
    if (state.is_too_large) return nullptr;
  }
  char* const room = state.attributes.reserve(size + attribute_slack);
  if (room == nullptr) lose_attribute(state, key);
  return room;
}

// False when it is not set.
template <class Write>
bool set_scalar_attribute(ObservationState& state, const FullKey& key, Write write) noexcept {
  char* const room = reserve_attribute(state, key, scalar_attribute_bound(key));
  if (room == nullptr) return false;
  commit_attribute(state.attributes, key, room, write(room));
  return true;
}

}  // namespace

void count_lost_value(Client& client) noexcept {
  client.counters().lost_values.add();
  report(Diagnostic::Severity::warning, "no memory for a value of an observation; it is left out");
}

void cut_attributes(ObservationState& state) noexcept {
  const std::size_t max_bytes = state.client->settings().record_max_bytes;
  if (state.is_too_large || state.attributes.bytes().size() <= max_bytes) return;
  const std::size_t longest_text = longest_fitting_text(state.attributes.bytes(), max_bytes);
  if (longest_text == 0) {
    state.is_too_large = true;
    return;
  }
  std::size_t cut = 0;
  state.attributes.shorten_all(
      [&](char* out, std::string_view attribute, KeyedPieces::Entry& entry) {
        char* const end = write_cut_attribute(out, attribute, longest_text, cut);
        const std::string_view written(out, static_cast<std::size_t>(end - out));
        entry.key_offset = static_cast<std::uint16_t>(attribute_key_offset(written));
        return end;
      });
  state.more().cut_for_room = cut;
}

void lose_attribute(ObservationState& state, const FullKey& key) noexcept {
  state.attributes.remove_if(
      [&](const KeyedPieces::Entry& entry) { return key.reads_as(state.attributes.key(entry)); });
  count_lost_value(*state.client);
}

bool set_text_attribute(ObservationState& state, const FullKey& key, const Text& text) noexcept {
  char* const room = reserve_attribute(state, key, text_attribute_bound(key, text.size()));
  if (room == nullptr) return false;
  if (text.is_cut()) state.client->counters().cut_texts.add();
  commit_attribute(state.attributes, key, room, write_text_attribute(room, key, text));
  return true;
}

bool set_text(GrowingArray<char>& field, const Text& text) noexcept {
  const std::size_t old_size = field.size();
  char* const room = field.reserve(text.size());
  if (room == nullptr && !text.empty()) {
    field.erase(0, old_size);
    return false;
  }
  text.write(room);
  field.commit(text.size());
  field.erase(0, old_size);
  return true;
}

bool set_attribute(ObservationState& state, const FullKey& key, const Value& value) noexcept {
  switch (value.kind()) {
    case Value::Kind::text:
      return set_text_attribute(state, key,
                                Text(value.text(), state.client->settings().value_max_bytes));
    case Value::Kind::boolean:
      return set_scalar_attribute(state, key, [&](char* out) {
        return write_bool_attribute(out, key, value.integer() != 0);
      });
    case Value::Kind::integer:
      return set_scalar_attribute(state, key, [&](char* out) {
        return write_integer_attribute(out, key, value.integer());
      });
    case Value::Kind::unsigned_integer:
      return set_scalar_attribute(state, key, [&](char* out) {
        return write_unsigned_attribute(out, key, static_cast<std::uint64_t>(value.integer()));
      });
    case Value::Kind::real:
      return set_scalar_attribute(
          state, key, [&](char* out) { return write_real_attribute(out, key, value.real()); });
    case Value::Kind::json:
      break;  // its callers write it
  }
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

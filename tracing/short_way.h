// The short way of a value into an open observation: for what nearly every program sets.
//
// Everything that may stand in the way (no mask, the trace in the sample, the usual limits) is
// decided once, when the observation begins, and leaves one number, `at_once_limit`: up to how many
// bytes of attributes a value is written at once. A writer then asks for a place, copies what is
// known of the attribute, fills in the lengths, copies and checks the text, and commits. Until it
// commits nothing is changed, so that wherever something is in the way it gives up, and the value
// goes the long way of `observation_values.h`: the only one that repairs, cuts, masks, writes JSON,
// replaces what the key had, grows, and reports.
//
// Inline, so that a setter becomes one function in which the layout of its attribute is constant.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "langfuse/tracing/value.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/attribute_layout.h"
#include "model/plain_text.h"
#include "model/short_number.h"
#include "model/utf8.h"
#include "pipeline/client.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

namespace layouts {

inline constexpr KnownText input(keys::input);
inline constexpr KnownText output(keys::output);
inline constexpr KnownText model_name(keys::model_name);
inline constexpr PrefixLayout<ShortLength, ShortLength> short_metadata(keys::metadata_prefix);
inline constexpr PrefixLayout<LongLength, ShortLength> middle_metadata(keys::metadata_prefix);
inline constexpr PrefixLayout<LongLength, LongLength> long_metadata(keys::metadata_prefix);

}  // namespace layouts

// What the functions behind it are made of.
namespace short_way {

// Limits below these are the long way's to keep; they are less than any sensible setting.
constexpr std::size_t largest_text_at_once = 16 * 1024;
constexpr std::size_t most_bytes_at_once = 64 * 1024;
constexpr std::size_t most_member_bytes_at_once = 4 * 1024;

static_assert(!layouts::input.takes(largest_text_at_once));

constexpr std::size_t prefix_size = keys::metadata_prefix.text().size();

// Copies `text`. True when it is well-formed.
inline bool copy_well_formed(char* out, std::string_view text) noexcept {
  return copy_plain<AnyAscii>(out, text) || well_formed_prefix(text) == text.size();
}

// Where an attribute of at most `bound` bytes goes; null when something is in its way.
inline char* place_at_once(ObservationState& state, std::uint8_t key_bit,
                           std::size_t bound) noexcept {
  KeyedPieces& attributes = state.attributes;
  if (attributes.bytes().size() + bound > state.at_once_limit || attributes.may_have(key_bit)) {
    return nullptr;
  }
  return attributes.room_at_hand(bound + attribute_slack);
}

// Metadata on their way: from the place to the value, and from the end of that to the pieces.
template <class Outer, class Inner>
class MetadataWriter {
 public:
  MetadataWriter(const PrefixLayout<Outer, Inner>& layout, std::string_view key) noexcept
      : layout_(layout), key_(key) {}

  // Where a value of `value_size` bytes goes; null when something is in its way.
  char* begin(ObservationState& state, std::size_t value_size) noexcept {
    if (!layout_.takes(key_.size(), value_size)) return nullptr;
    const std::uint8_t bit = bit_of_users_key(key_);
    place_ = place_at_once(state, bit, layout_.bound(key_.size(), value_size));
    if (place_ == nullptr) return nullptr;
    char* const key = layout_.write(place_, key_.size(), value_size);
    if (!copy_well_formed(key, key_)) return nullptr;
    char* const behind = key + key_.size();
    *behind = length_tag(2);
    Inner::write(behind + 1, value_size);
    return behind + 1 + Inner::size;
  }
  bool commit(ObservationState& state, const char* end) const noexcept {
    state.attributes.commit_new(static_cast<std::size_t>(end - place_), 3 + Outer::size,
                                prefix_size + key_.size(), bit_of_users_key(key_));
    return true;
  }

 private:
  const PrefixLayout<Outer, Inner>& layout_;
  std::string_view key_;
  char* place_ = nullptr;
};
using ShortWriter = MetadataWriter<ShortLength, ShortLength>;

template <class Outer, class Inner>
bool set_text(ObservationState& state, MetadataWriter<Outer, Inner> writer,
              std::string_view text) noexcept {
  char* out = writer.begin(state, 1 + Inner::size + text.size());
  if (out == nullptr) return false;
  *out = length_tag(1);
  Inner::write(out + 1, text.size());
  out += 1 + Inner::size;
  return copy_well_formed(out, text) && writer.commit(state, out + text.size());
}

inline bool set_metadata_text(ObservationState& state, std::string_view key,
                              std::string_view text) noexcept {
  return set_text(state, MetadataWriter(layouts::short_metadata, key), text) ||
         set_text(state, MetadataWriter(layouts::middle_metadata, key), text) ||
         set_text(state, MetadataWriter(layouts::long_metadata, key), text);
}

// Field numbers of `AnyValue`: opentelemetry/proto/common/v1/common.proto.
constexpr int bool_value_field = 2;
constexpr int int_value_field = 3;
constexpr int double_value_field = 4;

inline bool set_metadata_varint(ObservationState& state, ShortWriter writer, int field,
                                std::uint64_t value) noexcept {
  char* const out = writer.begin(state, 1 + varint_size(value));
  if (out == nullptr) return false;
  *out = varint_tag(field);
  return writer.commit(state, write_varint(out + 1, value));
}

inline bool set_metadata_real(ObservationState& state, ShortWriter writer, double value) noexcept {
  char* const out = writer.begin(state, 9);
  if (out == nullptr) return false;
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof value);
  std::memcpy(&bits, &value, sizeof bits);
  return writer.commit(state, write_fixed64(out, double_value_field, bits));
}

// Copies what needs no escape. Null when something does.
inline char* write_unescaped(char* out, std::string_view text) noexcept {
  *out++ = '"';
  if (!copy_plain<UnescapedAscii>(out, text)) return nullptr;
  out += text.size();
  *out++ = '"';
  return out;
}

// Null when it cannot be written at once.
inline char* write_value(char* out, const Value& value) noexcept {
  switch (value.kind()) {
    case Value::Kind::text:
      return write_unescaped(out, value.text());
    case Value::Kind::integer:
      return is_exact_integer(value.integer()) ? write_integer_text(out, value.integer()) : nullptr;
    case Value::Kind::real:
      return write_short_real(out, value.real());
    default:
      return nullptr;
  }
}

}  // namespace short_way

// All of these: of an open observation, by the thread that has it. False, and nothing is changed,
// when the value has to go the long way.

inline bool set_text_at_once(ObservationState& state, const KnownText& attribute,
                             std::string_view text) noexcept {
  const std::size_t size = text.size();
  const AttributeKey& key = attribute.key();
  char* const place = short_way::place_at_once(state, key.number(), attribute.bound(size));
  if (place == nullptr) return false;
  char* const begin = attribute.write(place, size);
  if (begin == nullptr || !short_way::copy_well_formed(begin, text)) return false;
  state.attributes.commit_new(static_cast<std::size_t>(begin + size - place),
                              attribute.key_offset(size), key.text().size(), key.number());
  return true;
}

// REQUIRES: a key that is not empty.
inline bool set_metadata_at_once(ObservationState& state, std::string_view users_key,
                                 const Value& value) noexcept {
  const short_way::ShortWriter writer(layouts::short_metadata, users_key);
  switch (value.kind()) {
    case Value::Kind::text:
      return short_way::set_metadata_text(state, users_key, value.text());
    case Value::Kind::boolean:
      return short_way::set_metadata_varint(state, writer, short_way::bool_value_field,
                                            value.integer() != 0 ? 1 : 0);
    case Value::Kind::integer:
    case Value::Kind::unsigned_integer: {
      const auto number =
          static_cast<std::uint64_t>(value.integer());  // of a negative one: too many
      return number <= largest_plain_integer &&
             short_way::set_metadata_varint(state, writer, short_way::int_value_field, number);
    }
    case Value::Kind::real:
      return not_finite_text(value.real()).empty() &&
             short_way::set_metadata_real(state, writer, value.real());
    case Value::Kind::json:
      break;
  }
  return false;
}

// A member of a JSON object: a number or a text, under a name that is not empty.
inline bool set_member_at_once(ObservationState& state, ObservationState::Object object,
                               std::string_view name, const Value& value) noexcept {
  KeyedPieces& members = state.more().members[object];
  const std::uint8_t bit = bit_of_users_key(name);
  // No more than the long way asks for, which makes the room.
  const std::size_t value_bound = std::max(longest_number, value.text().size() + 2);
  const std::size_t bound = 1 + name.size() + 2 + 1 + value_bound;
  if (state.at_once_limit == 0 || members.may_have(bit) ||
      members.bytes().size() + bound > short_way::most_member_bytes_at_once) {
    return false;
  }
  char* const place = members.room_at_hand(bound);
  if (place == nullptr) return false;
  *place = ',';
  char* out = short_way::write_unescaped(place + 1, name);
  if (out == nullptr) return false;
  *out++ = ':';
  out = short_way::write_value(out, value);
  if (out == nullptr) return false;
  members.commit_new(static_cast<std::size_t>(out - place), 2, name.size(), bit);
  return true;
}

// By whichever way is open.
inline void put_member(ObservationState& state, ObservationState::Object object,
                       std::string_view name, const Value& value) noexcept {
  if (!set_member_at_once(state, object, name, value)) set_member(state, object, name, value);
}

// A plain field of the observation, while it is empty.
inline bool set_field_at_once(const ObservationState& state, GrowingArray<char>& field,
                              std::string_view text) noexcept {
  if (state.at_once_limit == 0 || !field.empty() || text.size() > short_way::largest_text_at_once ||
      !field.has_room(text.size()) || !short_way::copy_well_formed(field.end(), text)) {
    return false;
  }
  field.commit(text.size());
  return true;
}

// For the beginning of an observation, when it is known whether it is in the sample.
inline void find_at_once_limit(ObservationState& state) noexcept {
  const Settings& settings = state.client->settings();
  const bool may_be_at_once = state.is_sampled && !settings.mask &&
                              settings.value_max_bytes >= short_way::largest_text_at_once &&
                              settings.record_max_bytes >= short_way::most_bytes_at_once;
  state.at_once_limit = may_be_at_once ? short_way::most_bytes_at_once : 0;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

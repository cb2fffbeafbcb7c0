// What `propagate_attributes` is given: each attribute encoded at once, also as a member of
// baggage.

#include <charconv>
#include <cstddef>
#include <new>
#include <string>
#include <string_view>

#include "langfuse/tracing/propagation.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "pipeline/client.h"
#include "pipeline/settings/settings.h"
#include "tracing/bytes/attribute_pieces.h"
#include "tracing/bytes/w3c_text.h"
#include "tracing/context/propagated_block.h"
#include "tracing/masking.h"
#include "tracing/propagation_reports.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::AttributeKey;
using internal::FullKey;
using internal::GrowingArray;
using internal::KeyedPieces;
using internal::PropagatedBlock;
using internal::Text;

constexpr std::size_t longest_text = 200;  // characters; what the other SDKs take

bool is_sound(std::string_view field, std::string_view text) noexcept {
  // Whatever does not continue a character begins one.
  std::size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  if (text.empty()) {
    internal::report_propagation(field, " is empty; it is left out");
  } else if (characters > longest_text) {
    internal::report_propagation(field, " is longer than 200 characters; it is left out");
  } else {
    return true;
  }
  return false;
}

void add_attribute(KeyedPieces& pieces, const FullKey& key, std::string_view text) noexcept {
  const Text value(text);
  char* const room =
      pieces.reserve(internal::text_attribute_bound(key, value.size()) + internal::attribute_slack);
  if (room == nullptr) {
    // An old value must not pass for the new one.
    pieces.remove_if(
        [&](const KeyedPieces::Entry& entry) { return key.reads_as(pieces.key(entry)); });
    return internal::report_lost_propagation();
  }
  internal::commit_attribute(pieces, key, room, internal::write_text_attribute(room, key, value));
}

void set_attribute(GrowingArray<char>& bytes, const AttributeKey& key,
                   std::string_view text) noexcept {
  const Text value(text);
  bytes.clear(longest_text);
  char* const room =
      bytes.reserve(internal::text_attribute_bound(key, value.size()) + internal::attribute_slack);
  if (room == nullptr) return internal::report_lost_propagation();
  bytes.commit(static_cast<std::size_t>(internal::write_text_attribute(room, key, value) - room));
}

void add_member(KeyedPieces& baggage, std::string_view key, std::string_view text) noexcept {
  try {
    std::string member(key);
    member += '=';
    internal::append_baggage_value(member, internal::repaired(text));
    if (char* const room = baggage.reserve(member.size())) {
      internal::write_raw(room, member);
      baggage.commit(member.size(), 0, key.size(), internal::bit_of_users_key(key));
      return;
    }
  } catch (const std::bad_alloc&) {  // as without room
  }
  baggage.remove_if([&](const KeyedPieces::Entry& entry) { return baggage.key(entry) == key; });
  internal::report_lost_propagation();
}

}  // namespace

PropagatedAttributes::~PropagatedAttributes() {
  delete block_;
}

// Null when there is nothing to write for.
PropagatedBlock* PropagatedAttributes::writable() noexcept {
  if (block_ == nullptr && internal::Client::current() != nullptr) {
    block_ = new (std::nothrow) PropagatedBlock();
    if (block_ == nullptr) internal::report_lost_propagation();
  }
  return block_;
}

PropagatedAttributes& PropagatedAttributes::set_user_id(std::string_view id) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("user_id", id)) return *this;
  add_attribute(block->attributes, internal::keys::user_id, id);
  add_member(block->baggage, "langfuse_user_id", id);
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_session_id(std::string_view id) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("session_id", id)) return *this;
  add_attribute(block->attributes, internal::keys::session_id, id);
  add_member(block->baggage, "langfuse_session_id", id);
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_trace_name(std::string_view name) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("trace_name", name)) return *this;
  set_attribute(block->trace_name, internal::keys::trace_name, name);
  add_member(block->baggage, "langfuse_trace_name", name);
  return *this;
}

PropagatedAttributes& PropagatedAttributes::add_tag(std::string_view tag) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("tag", tag)) return *this;
  const Text text(tag);
  char* const room = block->tags.reserve(text.size());
  if (room == nullptr) {
    internal::report_lost_propagation();
    return *this;
  }
  text.write(room);
  block->tags.commit(text.size(), 0, text.size(), internal::bit_of_users_key({room, text.size()}));
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_metadata(std::string_view key,
                                                         std::string_view text) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("metadata key", key) || !is_sound("metadata", text)) {
    return *this;
  }
  const internal::MaskedText masked(*internal::Client::current(), text);
  text = masked.view();
  const Text users_part(key);
  add_attribute(block->attributes, {internal::keys::trace_metadata_prefix, users_part}, text);
  // Other keys cannot stand in a header.
  if (internal::is_baggage_key(key)) {
    try {
      add_member(block->baggage, std::string(internal::metadata_member_prefix).append(key), text);
    } catch (const std::bad_alloc&) {
      internal::report_lost_propagation();
    }
  }
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_version(std::string_view version) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("version", version)) return *this;
  set_attribute(block->version, internal::keys::version, version);
  add_member(block->baggage, "langfuse_version", version);
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_environment(std::string_view environment) noexcept {
  PropagatedBlock* const block = writable();
  if (block == nullptr) return *this;
  if (environment.empty() || !internal::is_environment_name(environment)) {
    internal::report_propagation(
        "environment",
        " is not 1 to 40 lower-case letters, digits, - and _, or begins with langfuse; it is left "
        "out");
    return *this;
  }
  block->environment_name.clear(longest_text);
  block->environment.clear(longest_text);
  char* const room = block->environment_name.reserve(environment.size());
  if (room == nullptr) {
    internal::report_lost_propagation();
    return *this;
  }
  internal::write_raw(room, environment);
  block->environment_name.commit(environment.size());
  set_attribute(block->environment, internal::keys::environment, environment);
  add_member(block->baggage, "langfuse_environment", environment);
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_prompt(std::string_view name,
                                                       int version) noexcept {
  constexpr int largest_version = 65'535;
  PropagatedBlock* const block = writable();
  if (block == nullptr || !is_sound("prompt name", name)) return *this;
  if (version < 1 || version > largest_version) {
    internal::report_propagation("prompt version", " is not in 1 to 65535; the prompt is left out");
    return *this;
  }
  set_attribute(block->prompt, internal::keys::prompt_name, name);
  const FullKey key(internal::keys::prompt_version);
  char* const room =
      block->prompt.reserve(internal::scalar_attribute_bound(key) + internal::attribute_slack);
  if (block->prompt.empty() || room == nullptr) {
    block->prompt.clear(longest_text);
    internal::report_lost_propagation();
    return *this;
  }
  block->prompt.commit(
      static_cast<std::size_t>(internal::write_integer_attribute(room, key, version) - room));
  add_member(block->baggage, "langfuse_prompt_name", name);
  char digits[8];
  const char* const end = std::to_chars(digits, digits + sizeof digits, version).ptr;
  add_member(block->baggage, "langfuse_prompt_version",
             {digits, static_cast<std::size_t>(end - digits)});
  return *this;
}

PropagatedAttributes& PropagatedAttributes::set_as_baggage(bool as_baggage) noexcept {
  as_baggage_ = as_baggage;
  return *this;
}

}  // namespace v0_1
}  // namespace langfuse

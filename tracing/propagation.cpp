#include "langfuse/tracing/propagation.h"

#include <charconv>
#include <cstdlib>
#include <exception>
#include <new>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "pipeline/settings.h"
#include "tracing/bytes/attribute_pieces.h"
#include "tracing/bytes/w3c_text.h"
#include "tracing/context/propagated_block.h"
#include "tracing/context/thread_context.h"
#include "tracing/masking.h"
#include "tracing/observation_state.h"
#include "tracing/sampling.h"

namespace langfuse {
inline namespace v0_1 {

struct PropagatedAccess {
  static internal::PropagatedBlock* block(const PropagatedAttributes& attributes) noexcept {
    return attributes.block_;
  }
};

namespace {

using internal::AttributeKey;
using internal::FullKey;
using internal::GrowingArray;
using internal::KeyedPieces;
using internal::PropagatedBlock;
using internal::Text;

constexpr std::size_t longest_text = 200;  // characters; what the other SDKs take

constexpr std::string_view trace_id_member = "langfuse_trace_id";
constexpr std::string_view metadata_member_prefix = "langfuse_metadata_";

void say(std::string_view field, std::string_view problem) noexcept {
  try {
    internal::report(Diagnostic::Severity::warning,
                     std::string("propagate_attributes: ").append(field).append(problem));
  } catch (const std::bad_alloc&) {
    internal::report(Diagnostic::Severity::warning, "propagate_attributes: a value is left out");
  }
}

bool is_sound(std::string_view field, std::string_view text) noexcept {
  // Whatever does not continue a character begins one.
  std::size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  if (text.empty()) {
    say(field, " is empty; it is left out");
  } else if (characters > longest_text) {
    say(field, " is longer than 200 characters; it is left out");
  } else {
    return true;
  }
  return false;
}

// Counted like a value of an observation: what is set here is one of each.
void report_lack_of_memory() noexcept {
  if (internal::Client* const client = internal::Client::current()) client->count_lost_value();
  internal::report(Diagnostic::Severity::warning,
                   "no memory for what is to be propagated; some of it is left out");
}

void add_attribute(KeyedPieces& pieces, const FullKey& key, std::string_view text) noexcept {
  const Text value(text);
  char* const room =
      pieces.reserve(internal::text_attribute_bound(key, value.size()) + internal::attribute_slack);
  if (room == nullptr) {
    // An old value must not pass for the new one.
    pieces.remove_if(
        [&](const KeyedPieces::Entry& entry) { return key.reads_as(pieces.key(entry)); });
    return report_lack_of_memory();
  }
  internal::commit_attribute(pieces, key, room, internal::write_text_attribute(room, key, value));
}

void set_attribute(GrowingArray<char>& bytes, const AttributeKey& key,
                   std::string_view text) noexcept {
  const Text value(text);
  bytes.clear(longest_text);
  char* const room =
      bytes.reserve(internal::text_attribute_bound(key, value.size()) + internal::attribute_slack);
  if (room == nullptr) return report_lack_of_memory();
  bytes.commit(static_cast<std::size_t>(internal::write_text_attribute(room, key, value) - room));
}

void add_member(KeyedPieces& baggage, std::string_view key, std::string_view text) noexcept {
  try {
    std::string member(key);
    member += '=';
    internal::append_baggage_value(member, internal::repaired(text));
    if (char* const room = baggage.reserve(member.size())) {
      internal::write_raw(room, member);
      baggage.commit(0, member.size(), 0, key.size());
      return;
    }
  } catch (const std::bad_alloc&) {  // as without room
  }
  baggage.remove_if([&](const KeyedPieces::Entry& entry) { return baggage.key(entry) == key; });
  report_lack_of_memory();
}

// Tells the attributes of a header apart. `langfuse_x` for any other x is not ours.
void take_member(PropagatedAttributes& attributes, std::string_view key, const std::string& text,
                 std::string& prompt, int& prompt_version) {
  if (key == "langfuse_user_id") {
    attributes.set_user_id(text);
  } else if (key == "langfuse_session_id") {
    attributes.set_session_id(text);
  } else if (key == "langfuse_trace_name") {
    attributes.set_trace_name(text);
  } else if (key == "langfuse_version") {
    attributes.set_version(text);
  } else if (key == "langfuse_environment") {
    attributes.set_environment(text);
  } else if (key == "langfuse_prompt_name") {
    prompt = text;
  } else if (key == "langfuse_prompt_version") {
    std::from_chars(text.data(), text.data() + text.size(), prompt_version);
  } else if (key == "langfuse_tags") {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      if (end > at) attributes.add_tag(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
  } else if (key.substr(0, metadata_member_prefix.size()) == metadata_member_prefix) {
    attributes.set_metadata(key.substr(metadata_member_prefix.size()), text);
  }
}

void read_baggage(std::string_view header, Context& context) {
  PropagatedAttributes attributes;
  std::string prompt;
  int prompt_version = 0;
  internal::BaggageReader reader(header);
  for (std::string_view key, value; reader.next(key, value);) {
    const std::string text = internal::decode_baggage_value(value);
    if (text.empty()) continue;
    if (key == trace_id_member) {
      context.has_app_root =
          context.span.trace_id.is_valid() && text == std::string_view(context.span.trace_id.hex());
    } else {
      take_member(attributes, key, text, prompt, prompt_version);
    }
  }
  if (!prompt.empty() && prompt_version != 0) attributes.set_prompt(prompt, prompt_version);
  // What came as baggage goes on as baggage.
  if (const PropagatedBlock* const block = PropagatedAccess::block(attributes)) {
    context.propagated = internal::PropagatedReference(internal::merged(nullptr, *block, true));
  }
}

// The attributes of a context outside a scope, and inside.
struct ScopeBlocks {
  const PropagatedBlock* outside;  // null: none
  const PropagatedBlock* inside;
};

// What an observation carries once a scope has opened in which it is the current one: all that it
// carried, and what the scope adds. One count of it; null: it stays as it is.
const PropagatedBlock* gather(const PropagatedBlock* own, const ScopeBlocks& scope,
                              const PropagatedBlock& added, bool as_baggage) noexcept {
  // Of an observation that sees very many scopes, the newest only: it is not to grow without end.
  constexpr std::size_t most = 128;
  if (own == scope.outside || (own != nullptr && attribute_count(*own) >= most)) {
    internal::retain(scope.inside);
    return scope.inside;
  }
  const PropagatedBlock* const block = internal::merged(own, added, as_baggage);
  if (block == nullptr) report_lack_of_memory();
  return block;
}

}  // namespace

PropagatedAttributes::~PropagatedAttributes() {
  delete block_;
}

// Null when there is nothing to write for.
PropagatedBlock* PropagatedAttributes::writable() noexcept {
  if (block_ == nullptr && internal::Client::current() != nullptr) {
    block_ = new (std::nothrow) PropagatedBlock();
    if (block_ == nullptr) report_lack_of_memory();
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
    report_lack_of_memory();
    return *this;
  }
  text.write(room);
  block->tags.commit(0, text.size(), 0, text.size());
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
      add_member(block->baggage, std::string(metadata_member_prefix).append(key), text);
    } catch (const std::bad_alloc&) {
      report_lack_of_memory();
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
    say("environment",
        " is not 1 to 40 lower-case letters, digits, - and _, or begins with langfuse; it is left "
        "out");
    return *this;
  }
  block->environment_name.clear(longest_text);
  block->environment.clear(longest_text);
  char* const room = block->environment_name.reserve(environment.size());
  if (room == nullptr) {
    report_lack_of_memory();
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
    say("prompt version", " is not in 1 to 65535; the prompt is left out");
    return *this;
  }
  set_attribute(block->prompt, internal::keys::prompt_name, name);
  const FullKey key(internal::keys::prompt_version);
  char* const room =
      block->prompt.reserve(internal::scalar_attribute_bound(key) + internal::attribute_slack);
  if (block->prompt.empty() || room == nullptr) {
    block->prompt.clear(longest_text);
    report_lack_of_memory();
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

PropagationScope::PropagationScope(const PropagatedAttributes& attributes) noexcept {
  if (attributes.block_ == nullptr) return;
  const PropagatedBlock& added = *attributes.block_;
  const internal::ContextFrame* const frame = internal::current_frame();
  internal::BorrowedContext context;
  if (frame != nullptr) context = frame->context;
  const PropagatedBlock* const block =
      internal::merged(context.propagated, added, attributes.as_baggage_);
  if (block == nullptr) {
    report_lack_of_memory();
    return;
  }
  if (const internal::ContextFrame* const opened = internal::current_observation_frame()) {
    const PropagatedBlock*& own = state_of(*opened)->propagated;
    const PropagatedBlock* const gathered =
        gather(own, {context.propagated, block}, added, attributes.as_baggage_);
    if (gathered != nullptr) internal::release(std::exchange(own, gathered));
  }
  context.propagated = block;
  frame_ = internal::push_scope_frame(context);
  internal::release(block);  // the frame's now
}

PropagationScope::~PropagationScope() {
  if (frame_ != 0) internal::pop_scope_frame(frame_);
}

TraceParent traceparent(const Context& context) noexcept {
  TraceParent result;
  if (context.is_valid()) {
    internal::write_traceparent(context.span, internal::is_known_as_sampled(context), result.text);
  }
  return result;
}

std::string baggage(const Context& context) {
  std::string header;
  if (!context.is_valid()) return header;
  header.append(trace_id_member).append("=").append(context.span.trace_id.hex());
  const PropagatedBlock* const block = context.propagated.get();
  if (block == nullptr) return header;
  const auto append = [&header](std::string_view member) {
    if (header.size() + 1 + member.size() > internal::largest_baggage) {
      say(member.substr(0, member.find('=')), " finds no room in the baggage header");
    } else {
      header.append(",").append(member);
    }
  };
  for (const KeyedPieces::Entry& entry : block->baggage.entries()) {
    append(block->baggage.piece(entry));
  }
  if (!block->baggage_tags.entries().empty()) {
    std::string tags;
    for (const KeyedPieces::Entry& entry : block->baggage_tags.entries()) {
      tags.append(tags.empty() ? "" : ",").append(block->baggage_tags.piece(entry));
    }
    std::string member("langfuse_tags=");
    internal::append_baggage_value(member, tags);
    append(member);
  }
  return header;
}

Context remote_context(std::string_view traceparent, std::string_view baggage) noexcept {
  Context context;
  context.span = internal::parse_traceparent(traceparent);
  context.is_remote = context.is_valid();
  try {
    if (!baggage.empty()) read_baggage(baggage, context);
  } catch (const std::bad_alloc&) {
    report_lack_of_memory();
  }
  return context;
}

Context environment_context() noexcept {
  return remote_context(internal::environment_text("TRACEPARENT"),
                        internal::environment_text("BAGGAGE"));
}

}  // namespace v0_1
}  // namespace langfuse

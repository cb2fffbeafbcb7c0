#include "langfuse/tracing/propagation.h"

#include <charconv>
#include <cstdlib>
#include <exception>
#include <new>

#include "pipeline/client.h"
#include "pipeline/settings/process_environment.h"
#include "tracing/bytes/w3c_text.h"
#include "tracing/context/propagated_block.h"
#include "tracing/context/thread_context.h"
#include "tracing/observation_state.h"
#include "tracing/propagation_reports.h"
#include "tracing/sampling.h"

namespace langfuse {
inline namespace v0_1 {

struct PropagatedAccess {
  static internal::PropagatedBlock* block(const PropagatedAttributes& attributes) noexcept {
    return attributes.block_;
  }
};

namespace {

using internal::KeyedPieces;
using internal::PropagatedBlock;

constexpr std::string_view trace_id_member = "langfuse_trace_id";

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
  } else if (key.substr(0, internal::metadata_member_prefix.size()) ==
             internal::metadata_member_prefix) {
    attributes.set_metadata(key.substr(internal::metadata_member_prefix.size()), text);
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
  if (block == nullptr) internal::report_lost_propagation();
  return block;
}

}  // namespace

PropagationScope::PropagationScope(const PropagatedAttributes& attributes) noexcept {
  if (attributes.block_ == nullptr) return;
  const PropagatedBlock& added = *attributes.block_;
  const internal::ContextFrame* const frame = internal::current_frame();
  internal::BorrowedContext context;
  if (frame != nullptr) context = frame->context;
  const PropagatedBlock* const block =
      internal::merged(context.propagated, added, attributes.as_baggage_);
  if (block == nullptr) {
    internal::report_lost_propagation();
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
      internal::report_propagation(member.substr(0, member.find('=')),
                                   " finds no room in the baggage header");
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
    internal::report_lost_propagation();
  }
  return context;
}

Context environment_context() noexcept {
  return remote_context(internal::environment_text("TRACEPARENT"),
                        internal::environment_text("BAGGAGE"));
}

}  // namespace v0_1
}  // namespace langfuse

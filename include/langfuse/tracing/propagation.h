// Attributes of a whole trace or scope (user, session, tags), and traces that go on in another
// process.
//
//   const auto attributes = langfuse::propagate_attributes(
//       langfuse::PropagatedAttributes().set_user_id("u-7").set_session_id("match-42"));
//   auto turn = langfuse::observe("turn");     // carries both, and so do its children
//
//   const langfuse::Context here = langfuse::current_context();
//   request.set_header("traceparent", langfuse::traceparent(here).c_str());
//   request.set_header("baggage", langfuse::baggage(here));
//   ...
//   const langfuse::ContextScope in(langfuse::remote_context(traceparent_header, baggage_header));
#pragma once

#include <string>
#include <string_view>

#include "langfuse/export.h"
#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The attributes to propagate. Text is UTF-8, at most 200 characters, and copied; invalid sequences
// are repaired. Text that is empty or longer is left out, as in the other SDKs, and a diagnostic
// names it. Attributes for which there is no memory are left out with a diagnostic, and counted in
// `Stats::lost_values`. Does nothing when nothing is configured. Move-only; one thread at a time.
class PropagatedAttributes {
 public:
  PropagatedAttributes() noexcept = default;
  PropagatedAttributes(PropagatedAttributes&& other) noexcept : block_(other.block_) {
    other.block_ = nullptr;
  }
  PropagatedAttributes& operator=(PropagatedAttributes&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  LANGFUSE_API ~PropagatedAttributes();

  LANGFUSE_API PropagatedAttributes& set_user_id(std::string_view id) noexcept;
  LANGFUSE_API PropagatedAttributes& set_session_id(std::string_view id) noexcept;
  // The trace's name in Langfuse's lists. Default: the name of its first observation.
  LANGFUSE_API PropagatedAttributes& set_trace_name(std::string_view name) noexcept;
  LANGFUSE_API PropagatedAttributes& add_tag(std::string_view tag) noexcept;
  // Sets one entry of the trace's metadata. Masked by `Config::mask`.
  LANGFUSE_API PropagatedAttributes& set_metadata(std::string_view key,
                                                  std::string_view text) noexcept;
  // Versions and prompts that an observation sets itself take precedence over these. The
  // environment takes precedence over `Config::environment`, has the same rules, and also applies
  // to scores.
  LANGFUSE_API PropagatedAttributes& set_version(std::string_view version) noexcept;
  LANGFUSE_API PropagatedAttributes& set_environment(std::string_view environment) noexcept;
  // The prompt that generations are linked to. `version`: 1 to 65535; with any other, the prompt is
  // left out with a diagnostic.
  LANGFUSE_API PropagatedAttributes& set_prompt(std::string_view name, int version) noexcept;

  // Whether the attributes are also put into `baggage()`. They then reach other processes, and
  // everything that reads the headers on the way. A tag with a comma arrives as several tags.
  // Default false.
  LANGFUSE_API PropagatedAttributes& set_as_baggage(bool as_baggage = true) noexcept;

 private:
  friend class PropagationScope;
  friend struct PropagatedAccess;
  internal::PropagatedBlock* writable() noexcept;

  internal::PropagatedBlock* block_ = nullptr;  // owned
  bool as_baggage_ = false;
};

// While this scope lives, its attributes are carried by:
// - each observation that this thread opens, whatever its parent is;
// - each line that this thread logs;
// - observations and lines of other threads in a context that was taken inside the scope;
// - the observation that was current when the scope opened, if this thread opened it.
//
// Work that was bound elsewhere (`bind_context`, `ContextStack`) carries what was propagated there,
// also when it runs inside this scope. In nested scopes, tags and metadata are added to the outer
// ones; any other attribute replaces the outer one. The attributes are encoded once, when the scope
// opens. Without memory for them nothing is propagated, and a diagnostic reports it.
//
// REQUIRES: the scope ends on the thread it began on, in the reverse order. While it opens, no
// other thread uses the current observation.
class [[nodiscard]] PropagationScope {
 public:
  LANGFUSE_API explicit PropagationScope(const PropagatedAttributes& attributes) noexcept;
  LANGFUSE_API ~PropagationScope();
  PropagationScope(const PropagationScope&) = delete;
  PropagationScope& operator=(const PropagationScope&) = delete;

 private:
  std::uint64_t frame_ = 0;
};

// Opens a `PropagationScope`. Keep the result in a variable: the attributes are propagated for as
// long as it lives.
LANGFUSE_INLINE PropagationScope propagate_attributes(const PropagatedAttributes& attributes) {
  return PropagationScope(attributes);
}

// The text of a `traceparent` header (W3C Trace Context); NUL-terminated. Empty for an invalid
// context. Its sampled flag is set if this process sends the trace.
struct TraceParent {
  char text[56] = {};

  operator std::string_view() const noexcept { return text; }
  const char* c_str() const noexcept { return text; }
};
LANGFUSE_API TraceParent traceparent(const Context& context) noexcept;

// The `baggage` header that goes with it. It holds the attributes propagated `as_baggage`, and
// `langfuse_trace_id`, which keeps Langfuse from showing the receiver's first observation as the
// first of the trace. At most 8192 bytes: members that do not fit are left out with a diagnostic.
// Empty for an invalid context. Throws only for lack of memory.
LANGFUSE_API std::string baggage(const Context& context);

// The context that the two headers describe. If `traceparent` is malformed, the context is invalid,
// but still carries the attributes in `baggage`. Members of the baggage that are malformed or not
// Langfuse's are ignored. This process decides by the trace id whether the trace is sampled, as
// everywhere; the header's flag is ignored, because it is about other tracers. Without memory the
// attributes are left out with a diagnostic.
LANGFUSE_API Context remote_context(std::string_view traceparent,
                                    std::string_view baggage = {}) noexcept;

// The context that a parent process gave to this one, read from the environment variables
// `TRACEPARENT` and `BAGGAGE` as by `remote_context`. REQUIRES: no other thread changes the
// environment meanwhile.
LANGFUSE_API Context environment_context() noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/propagation_stubs.h"
#endif

// What belongs to a whole trace, or to everything that happens inside a scope: user, session, tags;
// and how a trace goes on in another process.
//
//   const auto who = langfuse::propagate_attributes(
//       langfuse::PropagatedAttributes().set_user_id("u-7").set_session_id("match-42"));
//   auto turn = langfuse::observe("turn");     // carries both, and so does all that is below it
//
//   request.set_header("traceparent", langfuse::traceparent(langfuse::current_context()));
//   request.set_header("baggage", langfuse::baggage(langfuse::current_context()));
//   ...
//   const langfuse::ContextScope in(langfuse::remote_context(traceparent_header, baggage_header));
#pragma once

#include <string>
#include <string_view>

#include "langfuse/export.h"
#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// What to propagate. All text is UTF-8 (repaired where it is not) and copied; at most 200
// characters, as in the other SDKs: what is longer, or empty, is left out with a diagnostic that
// names it. Does nothing before `init()`. One thread at a time; move-only.
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
  // What the trace is called in Langfuse's lists; without it, as its first observation.
  LANGFUSE_API PropagatedAttributes& set_trace_name(std::string_view name) noexcept;
  LANGFUSE_API PropagatedAttributes& add_tag(std::string_view tag) noexcept;
  // An entry of the trace's metadata.
  LANGFUSE_API PropagatedAttributes& set_metadata(std::string_view key,
                                                  std::string_view text) noexcept;
  // An observation's own version, prompt or environment wins over the propagated one; the
  // propagated environment wins over that of `Config`, has its rules, and reaches scores, too.
  LANGFUSE_API PropagatedAttributes& set_version(std::string_view version) noexcept;
  LANGFUSE_API PropagatedAttributes& set_environment(std::string_view environment) noexcept;
  // The prompt that generations are linked to. `version`: 1 to 65535.
  LANGFUSE_API PropagatedAttributes& set_prompt(std::string_view name, int version) noexcept;

  // Also puts them into `baggage()`, so that they reach other processes, and whoever reads the
  // headers on the way. Default false.
  LANGFUSE_API PropagatedAttributes& set_as_baggage(bool as_baggage = true) noexcept;

 private:
  friend class PropagationScope;
  friend struct PropagatedAccess;
  internal::PropagatedBlock* writable() noexcept;

  internal::PropagatedBlock* block_ = nullptr;  // owned
  bool as_baggage_ = false;
};

// Until the end of the scope, every observation that this thread opens, below whatever parent, and
// every line that it logs carries the attributes, in a `ContextScope` too; so do those of other
// threads that run in a context taken inside. What was bound elsewhere (`bind_context`,
// `ContextStack`) carries what is propagated there, also when it runs inside. In nested scopes tags
// and metadata are added to those outside, anything else replaces them. Ends where it began: on the
// same thread, in the reverse order. Encodes once, when it opens.
//
// The observation that is current when the scope opens carries them too, beside what it had from
// earlier scopes, if this thread opened it. REQUIRES: no other thread uses that one meanwhile; it
// may have been handed over since.
class [[nodiscard]] PropagationScope {
 public:
  LANGFUSE_API explicit PropagationScope(const PropagatedAttributes& attributes) noexcept;
  LANGFUSE_API ~PropagationScope();
  PropagationScope(const PropagationScope&) = delete;
  PropagationScope& operator=(const PropagationScope&) = delete;

 private:
  std::uint64_t frame_ = 0;
};

LANGFUSE_INLINE PropagationScope propagate_attributes(const PropagatedAttributes& attributes) {
  return PropagationScope(attributes);
}

// A `traceparent` header of W3C Trace Context. NUL-terminated; empty for an invalid context. Its
// flag says whether this process has the trace in its sample.
struct TraceParent {
  char text[56] = {};

  operator std::string_view() const noexcept { return text; }
  const char* c_str() const noexcept { return text; }
};
LANGFUSE_API TraceParent traceparent(const Context& context) noexcept;

// The `baggage` header that goes with it: `langfuse_trace_id`, which keeps the receiver from
// showing its first observation as the first of the trace, and the attributes propagated
// `as_baggage`. At most 8192 bytes; members beyond are left out with a diagnostic. Empty for an
// invalid context. Throws only for lack of memory.
LANGFUSE_API std::string baggage(const Context& context);

// The context that such headers describe; invalid, but for the attributes in `baggage`, when
// `traceparent` is not one. Members of the baggage that are not Langfuse's are ignored, as is what
// is malformed. Whether the trace is sampled is decided here, from its id, as everywhere: the flag
// in the header speaks of other tracers. Never throws.
LANGFUSE_API Context remote_context(std::string_view traceparent,
                                    std::string_view baggage = {}) noexcept;

// The same from the environment variables `TRACEPARENT` and `BAGGAGE`: the context that a parent
// process has given to this one. Do not call it while another thread changes the environment.
LANGFUSE_API Context environment_context() noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/propagation_stubs.h"
#endif

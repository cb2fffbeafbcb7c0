// Observations that are told more than their name: detached ones, with a parent, a start or an end
// of their own.
//
//   auto request = langfuse::start_observation(
//       "decode", langfuse::ObservationOptions()
//                     .set_type(langfuse::ObservationType::generation)
//                     .set_parent(request_context)
//                     .set_start_time(arrived_at));
//
// A detached observation is the current one of no thread: one loop may have hundreds of them open,
// and nothing becomes their child by accident.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/tracing/context.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/unix_time.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// What the end of an observation does besides handing it over.
enum class FlushOnEnd : std::uint8_t {
  no,    // it is sent with its batch
  wake,  // the batch is sent now; the end does not wait for it
  wait,  // the end is a `langfuse::flush()`: it blocks, at most for `Config::flush_timeout`
};

// How an observation begins and ends. What this thread propagates (`propagate_attributes`) reaches
// it whatever its parent is.
struct ObservationOptions {
  ObservationType type = ObservationType::span;
  bool is_below_current = true;  // false: below `parent`
  Context parent;
  std::int64_t start_unix_nano = 0;  // 0: when the call comes
  FlushOnEnd flush_on_end = FlushOnEnd::no;

  ObservationOptions& set_type(ObservationType value) noexcept {
    type = value;
    return *this;
  }
  // Below an observation of this process (`context()`, `current_context()`); an invalid context
  // makes a root.
  ObservationOptions& set_parent(const Context& value) noexcept {
    parent = value;
    is_below_current = false;
    return *this;
  }
  // Below an observation of another process, as `observe` with a `SpanContext`.
  ObservationOptions& set_parent(const SpanContext& value) noexcept {
    Context remote;
    remote.span = value;
    remote.is_remote = true;
    return set_parent(remote);
  }
  // The first of a new trace, whatever is current.
  ObservationOptions& set_root() noexcept { return set_parent(Context()); }
  // The first of the trace with this id, for instance one of `create_trace_id(seed)`.
  ObservationOptions& set_trace_id(const TraceId& value) noexcept {
    Context root;
    root.span.trace_id = value;
    return set_parent(root);
  }
  // A moment of the epoch or before means when the call comes.
  ObservationOptions& set_start_time(UnixTime value) noexcept {
    start_unix_nano = value.nanoseconds();
    return *this;
  }
  ObservationOptions& set_flush_on_end(FlushOnEnd value) noexcept {
    flush_on_end = value;
    return *this;
  }
};

// Begins a detached observation: below the current one of this thread unless `options` say
// otherwise, but never the current one itself. End it on any thread.
LANGFUSE_API Observation start_observation(std::string_view name,
                                           const ObservationOptions& options = {}) noexcept;

// The same as the current one of this thread.
LANGFUSE_API Observation observe(std::string_view name, const ObservationOptions& options) noexcept;

// An event: an observation without duration, complete at once, below the current one. Returns its
// identity; invalid when nothing is configured. `fill` gets the `Observation&` before it is sent:
//
//   langfuse::create_event("cache.miss", [&](auto& event) { event.set_input(key); });
LANGFUSE_API SpanContext create_event(std::string_view name) noexcept;
template <class Fill, class = decltype(std::declval<Fill&>()(std::declval<Observation&>()))>
LANGFUSE_INLINE SpanContext create_event(std::string_view name, Fill&& fill) {
  Observation event =
      start_observation(name, ObservationOptions().set_type(ObservationType::event));
  const SpanContext identity = event.context().span;
  fill(event);
  return identity;
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/start_observation_stubs.h"
#endif

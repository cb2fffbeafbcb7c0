// Observations with options: detached ones, and those with a parent, a start or an end of their
// own.
//
//   auto request = langfuse::start_observation(
//       "decode", langfuse::ObservationOptions()
//                     .set_type(langfuse::ObservationType::generation)
//                     .set_parent(request_context)
//                     .set_start_time(arrived_at));
//
// A detached observation is the current one of no thread. One loop may have hundreds of them open,
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

// Whether the end of an observation also flushes.
enum class FlushOnEnd : std::uint8_t {
  no,    // the observation is sent with its batch
  wake,  // the batch is sent at once; `end` does not wait for it
  wait,  // `end` calls `langfuse::flush()`, which blocks, at most for `Config::flush_timeout`
};

// How an observation begins and ends. It carries what this thread propagates
// (`propagate_attributes`), whatever its parent is.
struct ObservationOptions {
  ObservationType type = ObservationType::span;
  bool is_below_current = true;  // a child of the current observation; false: of `parent`
  Context parent;
  std::int64_t start_unix_nano = 0;  // 0: the time of the call
  FlushOnEnd flush_on_end = FlushOnEnd::no;

  ObservationOptions& set_type(ObservationType value) noexcept {
    type = value;
    return *this;
  }
  // Makes it a child of an observation of this process (from `context()` or `current_context()`).
  // With an invalid context it becomes a root.
  ObservationOptions& set_parent(const Context& value) noexcept {
    parent = value;
    is_below_current = false;
    return *this;
  }
  // Makes it a child of an observation of another process. The trace is sampled by its id, and
  // Langfuse shows the new observation as the first one of this process.
  ObservationOptions& set_parent(const SpanContext& value) noexcept {
    Context remote;
    remote.span = value;
    remote.is_remote = true;
    return set_parent(remote);
  }
  // Makes it the root of a new trace, whatever is current.
  ObservationOptions& set_root() noexcept { return set_parent(Context()); }
  // Makes it the root of the trace with this id, for instance one of `create_trace_id(seed)`.
  ObservationOptions& set_trace_id(const TraceId& value) noexcept {
    Context root;
    root.span.trace_id = value;
    return set_parent(root);
  }
  // A time of the epoch or before counts as the time of the call.
  ObservationOptions& set_start_time(UnixTime value) noexcept {
    start_unix_nano = value.nanoseconds();
    return *this;
  }
  ObservationOptions& set_flush_on_end(FlushOnEnd value) noexcept {
    flush_on_end = value;
    return *this;
  }
};

// Begins a detached observation. It is a child of this thread's current observation unless
// `options` give it another parent, but never becomes the current one. Any thread may end it.
// `name`: UTF-8, copied. Without memory for it, the result ignores every call, and
// `DropReason::out_of_memory` counts it. Any thread.
LANGFUSE_API Observation start_observation(std::string_view name,
                                           const ObservationOptions& options = {}) noexcept;

// Begins an observation as `start_observation` does, and makes it the current one of this thread.
LANGFUSE_API Observation observe(std::string_view name, const ObservationOptions& options) noexcept;

// Creates an event: an observation without duration, which is complete at once. It is a child of
// the current observation; without one it is the root of a new trace. Returns its ids, also when
// its trace is not sampled; invalid when nothing is configured or there is no memory. `fill`
// receives the `Observation&` before it is sent, and may throw:
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

// Whether a trace is in the sample: the one place that decides.
//
// Decided where a trace enters this process, and carried by the context from there on. Asks the
// rate, then `Config::sampler`, then `Config::keep_on_error`. Any thread.
#pragma once

#include <string_view>

#include "langfuse/ids.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

struct SamplingDecision {
  bool is_sampled = true;     // its records are made
  bool is_undecided = false;  // and held until something goes wrong: see `HeldTraces`
};

// Whether `Config::sample_rate` keeps the trace: the Python SDK's rule, on the low 64 bits of its
// id. `rate`: 0 … 1.
bool is_sampled_by_rate(double rate, const TraceId& trace_id) noexcept;

// The first observation of the trace in this process, with its name, is about to begin.
SamplingDecision sampling_of_root(Client& client, const TraceId& trace_id,
                                  std::string_view name) noexcept;

// For an observation of the trace `trace_id` that begins below `parent`, or below nothing: what the
// parent has, but that a trace enters with its local root. A remote parent that is not sampled says
// so for all that is below it.
inline SamplingDecision sampling_of_observation(Client& client, const BorrowedContext& parent,
                                                const TraceId& trace_id,
                                                std::string_view name) noexcept {
  const bool is_local_root = !parent.is_valid() || parent.is_remote;
  if (is_local_root && parent.is_sampled) return sampling_of_root(client, trace_id, name);
  return {parent.is_sampled, parent.is_undecided};
}

// For what is directly below `context`, a line or a score: what the context says, or where that is
// of another process, the same as for its trace. Then the trace enters here.
SamplingDecision sampling_below(Client& client, const BorrowedContext& context) noexcept;

// For what names nothing but a trace, a score. It does not make the trace enter: of one that is not
// in the sample, it is held only where the trace is. An invalid id is of no trace, and sampled.
SamplingDecision sampling_of_trace(const Client& client, const TraceId& trace_id) noexcept;

// Whether others are told that the trace of `context` is sampled.
bool is_known_as_sampled(const BorrowedContext& context) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Decides whether a trace is in the sample; no other code does.
//
// The decision is made where a trace enters this process, and the context carries it from there on.
// It depends on the rate, then `Config::sampler`, then `Config::keep_on_error`. Any thread.
#pragma once

#include <string_view>

#include "langfuse/ids.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

struct SamplingDecision {
  bool is_sampled = true;     // records are made
  bool is_undecided = false;  // and held until the trace has an error: see `HeldTraces`
};

// True if `Config::sample_rate` keeps the trace, by the Python SDK's rule on the low 64 bits of its
// id. `rate`: 0 … 1.
bool is_sampled_by_rate(double rate, const TraceId& trace_id) noexcept;

// The decision for the first observation of the trace in this process, which is about to begin with
// `name`.
SamplingDecision sampling_of_root(Client& client, const TraceId& trace_id,
                                  std::string_view name) noexcept;

// The decision for a line or score directly below `context`. A local context has the decision. For
// a remote one, the trace enters the process here, and is decided. Where it is not decided yet, and
// the trace is open in a parent of this process, this process begins to hold its own part.
SamplingDecision sampling_below(Client& client, const BorrowedContext& context) noexcept;

// The decision for an observation of the trace `trace_id` that begins below `parent`, or as a root.
// A local root decides for its trace; any other observation has the decision of its parent. Below a
// remote parent that is not sampled, nothing is sampled.
inline SamplingDecision sampling_of_observation(Client& client, const BorrowedContext& parent,
                                                const TraceId& trace_id,
                                                std::string_view name) noexcept {
  const bool is_local_root = !parent.is_valid() || parent.is_remote;
  if (is_local_root && parent.is_sampled) return sampling_of_root(client, trace_id, name);
  return parent.is_undecided ? sampling_below(client, parent)
                             : SamplingDecision{parent.is_sampled, false};
}

// The decision for a score that names only a trace. The trace does not enter the process by it: a
// score of a trace outside the sample is held only if the trace is held. A score without a valid
// trace id is sampled.
SamplingDecision sampling_of_trace(const Client& client, const TraceId& trace_id) noexcept;

// The sampled flag of `context` for other processes.
bool is_known_as_sampled(const BorrowedContext& context) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

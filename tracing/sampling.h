// Whether a trace is in the sample: decided once, where it enters this process.
#pragma once

#include <string_view>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

struct SamplingDecision {
  bool is_sampled = true;     // its records are made
  bool is_undecided = false;  // and held until something goes wrong: see `HeldTraces`
};

// For a local root. Asks the rate, then `Config::sampler`, then `Config::keep_on_error`.
SamplingDecision decide_sampling(Client& client, const TraceId& trace_id,
                                 std::string_view root_name) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

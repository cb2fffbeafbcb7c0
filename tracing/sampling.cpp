#include "tracing/sampling.h"

#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/held_traces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

bool ask_sampler(const Client& client, const TraceId& trace_id, std::string_view root_name,
                 bool by_rate) noexcept {
  const LibraryScope library_scope;
  try {
    return client.settings().sampler({trace_id, root_name, by_rate});
  } catch (...) {  // user code: no type is known to be all it throws
    report(Diagnostic::Severity::warning,
           "the sampler threw an exception; the trace is sampled by the rate");
    return by_rate;
  }
}

}  // namespace

SamplingDecision decide_sampling(Client& client, const TraceId& trace_id,
                                 std::string_view root_name) noexcept {
  const Settings& settings = client.settings();
  bool is_sampled = client.is_sampled(trace_id);
  if (settings.sampler) is_sampled = ask_sampler(client, trace_id, root_name, is_sampled);
  if (is_sampled || !settings.keep_on_error) return {is_sampled, false};
  HeldTraces::instance().open(client, trace_id);
  return {true, true};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

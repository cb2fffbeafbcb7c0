#include "langfuse/tracing/start_observation.h"

#include "pipeline/client.h"
#include "tracing/context/named_parent.h"
#include "tracing/context/thread_context.h"
#include "tracing/observation_access.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

Observation begin(std::string_view name, const ObservationOptions& options,
                  bool is_current) noexcept {
  internal::Client* const client = internal::Client::current();
  if (client == nullptr) return Observation();
  Observation observation =
      options.is_below_current
          ? internal::begin(*client, name, options.type, internal::borrowed_current_context(),
                            options.start_unix_nano, is_current)
          : internal::begin(*client, name, options.type,
                            internal::NamedParent(options.parent).context(),
                            options.start_unix_nano, is_current);
  if (internal::ObservationState* const state = ObservationAccess::state(observation)) {
    state->flush_on_end = options.flush_on_end;
  }
  return observation;
}

}  // namespace

Observation start_observation(std::string_view name, const ObservationOptions& options) noexcept {
  return begin(name, options, false);
}

Observation observe(std::string_view name, const ObservationOptions& options) noexcept {
  return begin(name, options, true);
}

SpanContext create_event(std::string_view name) noexcept {
  return create_event(name, [](Observation&) {});
}

}  // namespace v0_1
}  // namespace langfuse

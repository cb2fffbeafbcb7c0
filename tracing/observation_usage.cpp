// How many tokens an observation used, and what they cost: numbers by kind.
#include "langfuse/tracing/observe.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"
#include "tracing/short_way.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void OpenObservation::set_usage(ObservationState& state, std::string_view kind,
                                TokenCount tokens) noexcept {
  if (!state.is_sampled || refuse_empty(kind, "a usage without a kind is refused")) return;
  put_member(state, ObservationState::usage_details, kind, tokens.count());
}

void OpenObservation::set_cost(ObservationState& state, std::string_view kind,
                               DollarAmount dollars) noexcept {
  if (!state.is_sampled || refuse_empty(kind, "a cost without a kind is refused")) return;
  if (!dollars.is_known()) return refuse("a cost that is not a number is refused");
  put_member(state, ObservationState::cost_details, kind, dollars.dollars());
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "langfuse/tracing/score.h"

#include <new>

#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/growing_array.h"
#include "tracing/held_traces.h"
#include "tracing/observation_state.h"
#include "tracing/propagated_block.h"
#include "tracing/sampling.h"
#include "tracing/score_record.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::Client;
using internal::PropagatedBlock;
using internal::SamplingDecision;
using internal::ScoreFields;

void refuse(Client& client, std::string_view name, std::string_view problem) noexcept {
  constexpr std::size_t most = 80;
  client.count_drop(DropReason::invalid);
  try {
    std::string message = "score '";
    message.append(name.substr(0, most)).append("' is refused: ").append(problem);
    internal::report(Diagnostic::Severity::warning, message);
  } catch (const std::bad_alloc&) {
    internal::report(Diagnostic::Severity::warning, problem);
  }
}

// Of a trace of which only the id is known: if it is not in the sample, it may be held.
SamplingDecision sampling_of(const Client& client, const TraceId& trace_id) noexcept {
  if (!trace_id.is_valid() || client.is_sampled(trace_id)) return {};
  return {client.settings().keep_on_error, true};
}

void send(Client& client, ScoreFields score, const SamplingDecision& sampling,
          const PropagatedBlock* propagated) noexcept {
  if (propagated != nullptr) {
    score.propagated_environment = internal::view(propagated->environment_name);
  }
  const std::string_view problem = problem_of(score);
  if (!problem.empty()) {
    refuse(client, score.name, problem);
    return;
  }
  if (!sampling.is_sampled) {
    client.count_sampled_out();
    return;
  }
  internal::submit_or_hold(client, sampling.is_undecided, {score.trace_id},
                           encode_score(score, client.settings()));
}

void score_current(std::string_view name, const ScoreValue& value, const ScoreDetails& details,
                   bool is_of_trace) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return;
  const Context context = current_context();
  if (!context.is_valid()) {
    refuse(*client, name, "there is no current observation");
    return;
  }
  ScoreFields score{name, value, details, context.span.trace_id};
  if (!is_of_trace) score.observation_id = context.span.span_id;
  send(*client, score,
       context.is_remote ? sampling_of(*client, score.trace_id)
                         : SamplingDecision{context.is_sampled, context.is_undecided},
       context.propagated.get());
}

}  // namespace

void create_score(const Score& score) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return;
  const Context context = current_context();
  send(*client,
       {score.name, score.value, score, score.trace_id, score.observation_id, score.session_id,
        score.dataset_run_id},
       sampling_of(*client, score.trace_id), context.propagated.get());
}

void score_current_span(std::string_view name, const ScoreValue& value,
                        const ScoreDetails& details) noexcept {
  score_current(name, value, details, false);
}

void score_current_trace(std::string_view name, const ScoreValue& value,
                         const ScoreDetails& details) noexcept {
  score_current(name, value, details, true);
}

// Here, and not with the rest of `Observation`, because `observe.h` only knows that there are such
// types.
void Observation::score(std::string_view name, const ScoreValue& value) const noexcept {
  score(name, value, {});
}

void Observation::score(std::string_view name, const ScoreValue& value,
                        const ScoreDetails& details) const noexcept {
  if (state_ == nullptr) return;
  send(*state_->client, {name, value, details, state_->trace_id, state_->span_id},
       {state_->is_sampled, state_->is_undecided}, state_->propagated);
}

void Observation::score_trace(std::string_view name, const ScoreValue& value) const noexcept {
  score_trace(name, value, {});
}

void Observation::score_trace(std::string_view name, const ScoreValue& value,
                              const ScoreDetails& details) const noexcept {
  if (state_ == nullptr) return;
  send(*state_->client, {name, value, details, state_->trace_id},
       {state_->is_sampled, state_->is_undecided}, state_->propagated);
}

}  // namespace v0_1
}  // namespace langfuse

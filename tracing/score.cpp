#include "langfuse/tracing/score.h"

#include <new>
#include <string>

#include "model/clock.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/bytes/growing_array.h"
#include "tracing/context/propagated_block.h"
#include "tracing/held_traces.h"
#include "tracing/observation_state.h"
#include "tracing/repeated_scores.h"
#include "tracing/sampling.h"
#include "tracing/score_encoder.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::Client;
using internal::PropagatedBlock;
using internal::RepeatedScores;
using internal::SamplingDecision;
using internal::ScoreFields;

void refuse(Client& client, std::string_view name, std::string_view problem) noexcept {
  constexpr std::size_t most = 80;
  client.counters().dropped.add(DropReason::invalid);
  try {
    std::string message = "score '";
    message.append(internal::shortened(name, most)).append("' is refused: ").append(problem);
    internal::report(Diagnostic::Severity::warning, message);
  } catch (const std::bad_alloc&) {
    internal::report(Diagnostic::Severity::warning, problem);
  }
}

void report_late(const ScoreFields& score) noexcept {
  constexpr std::size_t most = 80;
  try {
    std::string message = "score '";
    message.append(internal::shortened(score.name, most))
        .append("' has a time that is not after that of the ");
    message.append("last score with its id '").append(internal::shortened(score.details.id, most));
    message.append("': the server keeps the older score (said once for each id)");
    internal::report(Diagnostic::Severity::warning, message);
  } catch (const std::bad_alloc&) {
    internal::report(Diagnostic::Severity::warning, "a score has the time of an older one");
  }
}

// Scores without an id of their own get one that no other has.
void set_time(Client& client, ScoreFields& score) noexcept {
  if (score.details.id.empty()) return;
  RepeatedScores* const times = RepeatedScores::of(client);
  if (times == nullptr) return;
  const RepeatedScores::Time time =
      times->next(client.settings().public_key, score.details.id, score.details.timestamp_unix_nano,
                  internal::wall_now_ns());
  score.time_unix_nano = time.unix_nano;
  if (time.is_first_to_come_late) report_late(score);
}

// `decide`: whether it is in the sample; asked only about a score that can be sent.
template <class Decide>
void send(Client& client, ScoreFields score, const PropagatedBlock* propagated,
          Decide decide) noexcept {
  if (propagated != nullptr) {
    score.propagated_environment = internal::view(propagated->environment_name);
  }
  const std::string_view problem = problem_of(score);
  if (!problem.empty()) {
    refuse(client, score.name, problem);
    return;
  }
  const SamplingDecision sampling = decide();
  if (!sampling.is_sampled) {
    client.counters().sampled_out.add();
    return;
  }
  set_time(client, score);
  internal::submit_or_hold(client, sampling.is_undecided, {score.trace_id},
                           encode_score(score, client.settings()));
}

void send_of(const internal::ObservationState& state, const ScoreFields& score) noexcept {
  send(*state.client, score, state.propagated, [&state] {
    return SamplingDecision{state.is_sampled, state.is_undecided};
  });
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
  send(*client, score, context.propagated.get(),
       [&] { return internal::sampling_below(*client, context); });
}

}  // namespace

void create_score(const Score& score) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return;
  const Context context = current_context();
  send(*client,
       {score.name, score.value, score, score.trace_id, score.observation_id, score.session_id,
        score.dataset_run_id},
       context.propagated.get(),
       [&] { return internal::sampling_of_trace(*client, score.trace_id); });
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
  send_of(*state_, {name, value, details, state_->trace_id, state_->span_id});
}

void Observation::score_trace(std::string_view name, const ScoreValue& value) const noexcept {
  score_trace(name, value, {});
}

void Observation::score_trace(std::string_view name, const ScoreValue& value,
                              const ScoreDetails& details) const noexcept {
  if (state_ == nullptr) return;
  send_of(*state_, {name, value, details, state_->trace_id});
}

}  // namespace v0_1
}  // namespace langfuse

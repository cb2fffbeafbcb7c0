// From a score to its record: whether a server would take it, and the event that it is sent as.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/ids.h"
#include "langfuse/langfuse.h"
#include "langfuse/tracing/score.h"
#include "model/record.h"
#include "pipeline/settings/settings.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A score as its user gave it. Refers to what it was made from.
struct ScoreFields {
  std::string_view name;
  const ScoreValue& value;
  const ScoreDetails& details;
  TraceId trace_id = {};
  SpanId observation_id = {};
  std::string_view session_id = {};
  std::string_view dataset_run_id = {};
  std::string_view propagated_environment = {};  // for a score that names none
  std::int64_t time_unix_nano = 0;               // 0: what the details say, or now
};

// Why no server would take it, in words that begin with the field's name; empty when one would.
// Source: the server's `validateAndInflateScore.ts`, v4.16.0.
std::string_view problem_of(const ScoreFields& score) noexcept;

// REQUIRES: it has no problem.
EncodedRecord encode_score(const ScoreFields& score, const Settings& settings) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

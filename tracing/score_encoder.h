// From a score to its record: checks whether the server would accept it, and encodes its event.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/ids.h"
#include "langfuse/langfuse.h"
#include "langfuse/tracing/score.h"
#include "pipeline/settings/settings.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A score as the user gave it. Refers to the objects it was made from.
struct ScoreFields {
  std::string_view name;
  const ScoreValue& value;
  const ScoreDetails& details;
  TraceId trace_id = {};
  SpanId observation_id = {};
  std::string_view session_id = {};
  std::string_view dataset_run_id = {};
  std::string_view propagated_environment = {};  // for a score that names none
  std::int64_t time_unix_nano = 0;               // 0: the time in `details`, or now
};

// Why the server would refuse it, in words that begin with the field's name; empty when it would
// not. Source: the server's `validateAndInflateScore.ts`, v4.16.0.
std::string_view problem_of(const ScoreFields& score) noexcept;

// Without memory, or when it exceeds `record_max_bytes`, the result is a drop. REQUIRES:
// `problem_of(score)` is empty.
EncodedRecord encode_score(const ScoreFields& score, const Settings& settings) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Log lines that are put into an open observation instead of being records of their own.
//
// Unlike other values of an observation, they are added by threads that have no handle on it. So
// they are behind a lock of their own, which costs nothing until the first sink asks for such
// lines.
#pragma once

#include <cstdint>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ObservationState;

// One line. The views are valid during the call.
struct ObservationLine {
  std::int64_t time_unix_nano;
  std::string_view level;
  std::string_view logger;
  std::string_view message;
};

// Prepares for such lines. REQUIRES: it happens before the first line, as the making of a sink
// happens before its use.
void expect_observation_lines() noexcept;

// Adds a line to the current observation, if the calling thread opened it and it is still open.
// False when there is none: the line must then be sent otherwise. If the observation is not in the
// sample, the line is dropped. Text beyond `value_max_bytes` is counted and marked as cut.
bool add_observation_line(const ObservationLine& line) noexcept;

// For the end of an observation: changes its generation, so that no frame on any thread refers to
// it any more, and no further line is added. Then writes its lines into the metadata `log`.
void close_observation_lines(ObservationState& state) noexcept;

// As that, but for an observation that is left to a parent of this process: forgets its lines.
void discard_observation_lines(ObservationState& state) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

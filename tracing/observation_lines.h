// Log lines that become a part of an open observation instead of records of their own.
//
// Unlike everything else in an observation they are added by a thread that has no handle on it, so
// they lie behind a lock of their own; it costs nothing until the first sink asks for such lines.
#pragma once

#include <cstdint>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ObservationState;

// One of them. The views end with the call.
struct ObservationLine {
  std::int64_t time_unix_nano;
  std::string_view level;
  std::string_view logger;
  std::string_view message;
};

// From now on there may be lines. REQUIRES: happens before the first line, as the making of a sink
// happens before its use.
void expect_observation_lines() noexcept;

// Adds a line to the current observation, if the calling thread opened it and it is still open.
// False when there is none: the line has to go elsewhere. Of an observation that is not in the
// sample nothing is kept; what exceeds `value_max_bytes` is counted and marked as cut.
bool add_observation_line(const ObservationLine& line) noexcept;

// For the end of an observation: changes its generation, so that from here on no frame is alive
// that refers to it, on whichever thread, and no line comes any more. Then writes the lines there
// were into the metadata `log`.
void close_observation_lines(ObservationState& state) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

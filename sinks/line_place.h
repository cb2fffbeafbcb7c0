// Where a log line belongs: its parent, what it inherits, and whether its trace is in the sample.
//
// The parent is the observation that was current where and when the line was logged. A line that
// has none, or whose own is not known, hangs below the process root.
#pragma once

#include <cstdint>

#include "langfuse/ids.h"
#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/context.h"
#include "tracing/sampling.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;
struct PropagatedBlock;

// Borrows what it was found in: a place found on the calling thread ends when that opens or ends an
// observation or a scope.
struct LinePlace {
  SpanContext parent;
  const PropagatedBlock* propagated = nullptr;
  SamplingDecision sampling;
  bool is_resolved = true;  // else it is not known where the line was logged
  bool is_outside = false;  // below the process root
  bool is_dropped = false;  // outside any observation, where such lines are not wanted
};

// Of a line that the calling thread logs. `time_unix_nano`: when it was logged; one from before the
// current observation was not logged in it. Opens a process root where one is needed, and counts
// the line as one of its lines.
LinePlace find_place_here(Client& client, const LogLine& line,
                          std::int64_t time_unix_nano) noexcept;

// The same for a line of another thread, or of an earlier time; what it is found in goes to `past`.
LinePlace find_place_elsewhere(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                               Context& past) noexcept;

// For what the library itself says in the log: below the process root, whatever is current.
LinePlace place_outside(Client& client, std::int64_t time_unix_nano) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

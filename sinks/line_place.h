// The place of a log line: its parent, the attributes it inherits, and its sampling.
//
// The parent is the observation that was current where and when the line was logged. A line without
// one, or whose parent is not certain, is put below the process root.
#pragma once

#include <cstdint>

#include "langfuse/ids.h"
#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/context.h"
#include "model/likely.h"
#include "tracing/context/thread_context.h"
#include "tracing/sampling.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;
struct PropagatedBlock;

// Borrowed from the context it was found in. A place found on the calling thread is valid until
// that thread opens or ends an observation or a scope.
struct LinePlace {
  SpanContext parent;
  const PropagatedBlock* propagated = nullptr;
  SamplingDecision sampling;
  bool is_resolved = true;  // false: the line's context is not certain
  bool is_outside = false;  // below the process root
  bool is_dropped = false;  // outside any observation, and such lines are to be dropped
};

// The place of a line that the calling thread logs. `time_unix_nano`: when it was logged; a line
// from before the current observation is not put into it. Opens a process root where one is needed,
// and counts the line as one of its lines.
inline LinePlace find_place_here(Client& client, const LogLine& line,
                                 std::int64_t time_unix_nano) noexcept;

// The place of a line of another thread, or of an earlier time. The context it is found in goes to
// `past`, which must live as long. Opens a process root where one is needed, and counts the line as
// one of its lines.
LinePlace find_place_elsewhere(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                               Context& past) noexcept;

// The place of a line of the library itself: below the process root, whatever is current.
LinePlace place_of_summary(Client& client, std::int64_t time_unix_nano) noexcept;

// A line this much older than the current observation was not logged in it: logging libraries read
// a coarser clock, but not by more.
constexpr std::int64_t clock_tolerance_ns = 50'000'000;

// Where the thread stands in nothing, or in something else than an observation that it opened
// itself. `frame`: the current one, or null.
LinePlace find_rare_place(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                          const ContextFrame* frame) noexcept;

inline LinePlace find_place_here(Client& client, const LogLine& line,
                                 std::int64_t time_unix_nano) noexcept {
  const ContextFrame* const frame = current_frame();
  const bool is_usual = frame != nullptr && frame->life != nullptr && !frame->context.is_remote &&
                        time_unix_nano >= frame->start_unix_nano - clock_tolerance_ns;
  if (!likely(is_usual)) return find_rare_place(client, line, time_unix_nano, frame);
  const BorrowedContext& context = frame->context;
  return {context.span, context.propagated, {context.is_sampled, context.is_undecided}};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

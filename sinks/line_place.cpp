#include "sinks/line_place.h"

#include "pipeline/client.h"
#include "sinks/process_root.h"
#include "tracing/context/context_history.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Whether a line of this time may have been logged where the thread stands now. Scopes that only
// add to the context of an observation are passed over; what another thread opened may be of any
// age.
bool is_logged_in(const ContextFrame& frame, std::int64_t time_unix_nano) noexcept {
  const ContextFrame* const opened = frame.life != nullptr ? &frame : current_observation_frame();
  return opened == nullptr || time_unix_nano >= opened->start_unix_nano - clock_tolerance_ns;
}

LinePlace place_inside(Client& client, const BorrowedContext& context) noexcept {
  LinePlace place;
  place.parent = context.span;
  place.propagated = context.propagated;
  place.sampling = sampling_below(client, context);
  return place;
}

// `propagated`: what is propagated there all the same, or null.
LinePlace place_outside(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                        const PropagatedBlock* propagated, bool is_resolved) noexcept {
  LinePlace place;
  place.propagated = propagated;
  place.is_resolved = is_resolved;
  place.is_outside = true;
  place.is_dropped = line.drop_outside_scopes || client.settings().drop_lines_outside_scopes;
  if (!place.is_dropped) place.parent = process_root(client, time_unix_nano);
  return place;
}

LinePlace place_in(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                   const BorrowedContext& context) noexcept {
  if (context.is_valid()) return place_inside(client, context);
  return place_outside(client, line, time_unix_nano, context.propagated, true);
}

}  // namespace

LinePlace find_rare_place(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                          const ContextFrame* frame) noexcept {
  if (frame == nullptr) return place_outside(client, line, time_unix_nano, nullptr, true);
  if (!is_logged_in(*frame, time_unix_nano)) {
    return place_outside(client, line, time_unix_nano, nullptr, false);
  }
  return place_in(client, line, time_unix_nano, frame->context);
}

LinePlace find_place_elsewhere(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                               Context& past) noexcept {
  const bool is_known = line.has_exact_time && line.thread_id != 0 &&
                        find_past_context(client, line.thread_id, time_unix_nano, past);
  if (!is_known) return place_outside(client, line, time_unix_nano, nullptr, false);
  return place_in(client, line, time_unix_nano, past);
}

LinePlace place_of_summary(Client& client, std::int64_t time_unix_nano) noexcept {
  LinePlace place;
  place.is_outside = true;
  place.parent = process_root(client, time_unix_nano);
  return place;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

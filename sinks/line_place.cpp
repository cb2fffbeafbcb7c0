#include "sinks/line_place.h"

#include "pipeline/client.h"
#include "sinks/process_root.h"
#include "tracing/context/context_history.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// A line this much older than the current observation was not logged in it: logging libraries read
// a coarser clock, but not by more.
constexpr std::int64_t clock_tolerance_ns = 50'000'000;

// Whether a line of this time may have been logged where the thread stands now. Scopes that only
// add to the context of an observation are passed over; what another thread opened may be of any
// age.
bool is_logged_in(const ContextFrame& frame, std::int64_t time_unix_nano) noexcept {
  const ContextFrame* const opened = frame.life != nullptr ? &frame : current_observation_frame();
  return opened == nullptr || time_unix_nano >= opened->start_unix_nano - clock_tolerance_ns;
}

// `context`: invalid where nothing is current; it may propagate attributes all the same.
LinePlace place_in(Client& client, const LogLine& line, const BorrowedContext& context,
                   std::int64_t time_unix_nano) noexcept {
  LinePlace place;
  place.propagated = context.propagated;
  if (context.is_valid()) {
    place.parent = context.span;
    place.sampling = sampling_below(client, context);
    return place;
  }
  place.is_outside = true;
  place.is_dropped = line.drop_outside_scopes || client.settings().drop_lines_outside_scopes;
  if (!place.is_dropped) place.parent = process_root(client, time_unix_nano);
  return place;
}

LinePlace unresolved_place(Client& client, const LogLine& line,
                           std::int64_t time_unix_nano) noexcept {
  LinePlace place = place_in(client, line, BorrowedContext(), time_unix_nano);
  place.is_resolved = false;
  return place;
}

}  // namespace

LinePlace find_place_here(Client& client, const LogLine& line,
                          std::int64_t time_unix_nano) noexcept {
  const ContextFrame* const frame = current_frame();
  if (frame == nullptr) return place_in(client, line, BorrowedContext(), time_unix_nano);
  return is_logged_in(*frame, time_unix_nano)
             ? place_in(client, line, frame->context, time_unix_nano)
             : unresolved_place(client, line, time_unix_nano);
}

LinePlace find_place_elsewhere(Client& client, const LogLine& line, std::int64_t time_unix_nano,
                               Context& past) noexcept {
  const bool is_known = line.has_exact_time && line.thread_id != 0 &&
                        find_past_context(client, line.thread_id, time_unix_nano, past);
  return is_known ? place_in(client, line, past, time_unix_nano)
                  : unresolved_place(client, line, time_unix_nano);
}

LinePlace place_outside(Client& client, std::int64_t time_unix_nano) noexcept {
  LinePlace place;
  place.is_outside = true;
  place.parent = process_root(client, time_unix_nano);
  return place;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// What was current on which thread, and when: for log lines that come out on another thread than
// the one that logged them.
//
// Nothing is recorded until such a line comes, or a sink is there whose lines may be such ones: on
// trial, until its first line shows that they are not, and for no more than
// `context_history_size` changes of all threads together. While it is recorded each thread writes
// the changes of its current context, with their times, into a ring of its own; a line is looked up
// by its thread and its time. An answer is right or is none: there is none for a line older than
// the recording or than what the ring still holds, for one stamped in the same tick as a change,
// for one from before a step of the wall clock, or when the observation was ended by another thread
// meanwhile.
#pragma once

#include <cstdint>

#include "langfuse/tracing/context.h"
#include "tracing/context/context_recording.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// Records from here on, for good; what the calling thread stands in, at once.
void record_contexts() noexcept;
// Records on trial, until `end_context_trial` has been called as often. Any thread; no locks.
void begin_context_trial() noexcept;
void end_context_trial() noexcept;
// For tests: as when the process began.
void forget_context_recording() noexcept;

// Begins to record, if that has not begun, and gives the context that was current on thread
// `thread_id` (the operating system's number) at `time_unix_nano`, read there from the system clock
// in full resolution, with `client` in force. False when it cannot be told. Any thread; may yield a
// few times; allocates only where it begins to record, and the caller stands in a context itself.
bool find_past_context(const Client& client, std::uint64_t thread_id, std::int64_t time_unix_nano,
                       Context& found) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The past contexts of each thread, for log lines that arrive on another thread than the one that
// logged them.
//
// Recording begins for good with the first such line. It runs on trial while a sink exists that may
// get such lines: until the sink's first line shows that it does not, and for at most
// `context_history_size` changes of all threads together. While recording, each thread writes the
// changes of its current context, with their times, into a ring of its own. A line is looked up by
// its thread and its time.
//
// The result of a look-up is certain, or there is none. There is none for a line
// - that is older than the recording, or than the ring's oldest change;
// - that has the time of a change;
// - from before a step of the wall clock;
// - whose observation was ended by another thread meanwhile.
#pragma once

#include <cstdint>

#include "langfuse/tracing/context.h"
#include "tracing/context/context_recording.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// Records from now on, for good, beginning with the calling thread's current context.
void record_contexts() noexcept;
// Records on trial, until `end_context_trial` has been called as often as this. Any thread; no
// locks.
void begin_context_trial() noexcept;
void end_context_trial() noexcept;
// For tests: restores the state at the beginning of the process.
void forget_context_recording() noexcept;

// Finds the context that was current on thread `thread_id` (the operating system's number) at
// `time_unix_nano`, with `client` in force. The time was read on that thread from the system clock
// in full resolution. False when there is no certain result. Begins recording for good, if it has
// not begun. Any thread; may yield a few times; allocates only when it begins recording while the
// caller has a current context.
bool find_past_context(const Client& client, std::uint64_t thread_id, std::int64_t time_unix_nano,
                       Context& found) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

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

#include <atomic>
#include <cstdint>

#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;
struct ObservationState;

// The state of the recording. The low half says what it is wanted for, and is 0 while nothing is
// recorded; the high half numbers the recordings. What a ring holds from an earlier one is void, so
// that a gap between two is never taken for a time without changes. Relaxed: a thread that sees it
// late begins to record late, or goes on with what is void.
extern std::atomic<std::uint64_t> context_recording;
constexpr std::uint64_t context_recording_mask = 0xffff'ffff;

// The current context of the calling thread may have changed. `ended`: the observation whose end is
// the reason, its generation already changed and not yet given back; null for other reasons.
void record_context(const ObservationState* ended) noexcept;

inline void note_context_change(const ObservationState* ended = nullptr) noexcept {
  if ((context_recording.load(std::memory_order_relaxed) & context_recording_mask) != 0)
    record_context(ended);
}

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

// How many changes of a thread are kept; a line with more changes behind it is not resolved.
constexpr std::uint64_t context_history_size = 8192;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

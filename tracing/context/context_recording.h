// Records changes of the current context for `context_history.h`, while recording is on.
#pragma once

#include <atomic>
#include <cstdint>

#include "tracing/context/observation_life.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The state of the recording. The low half counts what needs it, and is 0 while nothing is
// recorded. The high half numbers the recordings: changes that a ring holds from an earlier one are
// void, so a gap between two is never taken for a time without changes. Relaxed: a thread that sees
// it late begins to record late, or goes on recording void changes.
extern std::atomic<std::uint64_t> context_recording;
constexpr std::uint64_t context_recording_mask = 0xffff'ffff;

// Records that the current context of the calling thread may have changed. `ended`: the observation
// whose end is the reason, with its generation changed and its state not yet given back; null for
// other reasons.
void record_context(const ObservationLife* ended) noexcept;

inline void note_context_change(const ObservationLife* ended = nullptr) noexcept {
  if ((context_recording.load(std::memory_order_relaxed) & context_recording_mask) != 0)
    record_context(ended);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

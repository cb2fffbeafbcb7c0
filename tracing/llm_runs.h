// The runs of an `LlmHandler`: open runs by id, and ended runs that are held.
//
// No lock is held while values are set or records are submitted. A thread that sets values of a run
// claims the run; other threads that want it wait. A run in the list is never ended there: it is
// taken out first, and then belongs to the thread that took it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "langfuse/tracing/llm_handler.h"
#include "model/clock.h"
#include "model/forks.h"
#include "model/mutex.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class LlmRuns {
 public:
  // What happens to a run after an event's values are set.
  enum class Step : std::uint8_t {
    stay,      // nothing
    complete,  // submitted, if it has ended
    end,       // ended now, and submitted
    wait       // ended now, and held until it is completed
  };

  explicit LlmRuns(const LlmHandlerOptions& options) noexcept
      : max_open_(options.max_open_runs), hold_finished_(options.hold_finished) {}
  LlmRuns(const LlmRuns&) = delete;
  LlmRuns& operator=(const LlmRuns&) = delete;

  // Begins a run. If one with this id is open, the event is counted as ignored. Throws only for
  // lack of memory; nothing is changed then.
  void start(std::string_view id, ObservationType type, std::string_view name,
             std::string_view parent_id, RunSetter set_values);
  // Sets values of a run, then takes the step. False, and counted as ignored, when there is no such
  // run. An exception of `set_values` goes to the caller, after the step.
  bool apply(std::string_view id, Step step, RunSetter set_values);
  void add_token(std::string_view id, std::string_view text) noexcept;

  // Submits all ended runs. Returns when those that other threads are submitting are also in the
  // queue, or at `deadline`.
  void submit_held(SteadyTime deadline) noexcept;
  // Submits all runs, open ones with level `warning`. REQUIRES: no event is in progress.
  void close() noexcept;

  LlmHandlerStats stats() const noexcept;

 private:
  struct Run {
    std::string id;
    Observation observation;         // used by the claiming thread; else guarded by mutex_
    Context context;                 // of the observation, once it has begun
    std::int64_t end_unix_nano = 0;  // 0: open
    std::thread::id claimed_by;      // no thread: not claimed

    bool has_ended() const noexcept { return end_unix_nano != 0; }
    bool is_claimed() const noexcept { return claimed_by != std::thread::id(); }
  };
  using Runs = std::list<Run>;
  class Claim;

  void leave_runs_to_parent() noexcept LANGFUSE_REQUIRES(mutex_);
  Runs::iterator find(std::string_view id, MutexLock& lock) noexcept LANGFUSE_REQUIRES(mutex_);
  void release(Runs::iterator run, Step step) noexcept;
  Runs::iterator take(Runs::iterator run, Runs& into) noexcept LANGFUSE_REQUIRES(mutex_);
  void take_oldest(Runs& into) noexcept LANGFUSE_REQUIRES(mutex_);
  void announce(const Runs& runs) noexcept LANGFUSE_REQUIRES(mutex_);
  void submit(Runs runs, std::string_view why_early) noexcept;
  void ignore(std::string_view id, std::string_view problem) noexcept;

  const std::size_t max_open_;
  const std::size_t hold_finished_;

  mutable Mutex mutex_;
  std::uint64_t generation_ LANGFUSE_GUARDED_BY(mutex_) = process_generation();  // whose they are
  Condition changed_;                      // a claim or a submission has ended
  Runs runs_ LANGFUSE_GUARDED_BY(mutex_);  // oldest first; open, or waiting for usage
  // The keys are the ids in `runs_`.
  std::unordered_map<std::string_view, Runs::iterator> by_id_ LANGFUSE_GUARDED_BY(mutex_);
  Runs finished_ LANGFUSE_GUARDED_BY(mutex_);       // fewer than `hold_finished_`
  int submitting_ LANGFUSE_GUARDED_BY(mutex_) = 0;  // threads that took runs and submit them
  std::uint64_t ended_ LANGFUSE_GUARDED_BY(mutex_) = 0;
  std::uint64_t pushed_ LANGFUSE_GUARDED_BY(mutex_) = 0;
  std::uint64_t ignored_ LANGFUSE_GUARDED_BY(mutex_) = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "tracing/llm_runs.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "langfuse/tracing/start_observation.h"
#include "model/diagnostics.h"
#include "pipeline/thread.h"
#include "tracing/observation_access.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::string_view too_many = "ended by its handler: too many runs were open";
constexpr std::string_view handler_gone = "ended by its handler, which was destroyed";

// 0 when the observation has ended, which `update` can do to it.
std::int64_t now_of(const Observation& observation) noexcept {
  const ObservationState* const state = ObservationAccess::state(observation);
  return state == nullptr ? 0 : now_of(*state);
}

}  // namespace

// A run whose values are being set, until the step is taken.
class LlmRuns::Claim {
 public:
  // REQUIRES: `runs.mutex_` is held, and nobody has claimed the run.
  Claim(LlmRuns& runs, Runs::iterator run, Step step) noexcept
      : runs_(runs), run_(run), step_(step) {
    run_->claimed_by = std::this_thread::get_id();
  }
  ~Claim() {
    // A setter of values may have forked.
    if (is_of_this_process(generation_)) runs_.release(run_, step_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  LlmRuns& runs_;
  const Runs::iterator run_;
  const Step step_;
  const std::uint64_t generation_ = process_generation();
};

// In a forked child. They stay as they are: another thread may have been changing the lists.
void LlmRuns::leave_runs_to_parent() noexcept {
  if (is_of_this_process(generation_)) return;
  generation_ = process_generation();
  new (&runs_) Runs();
  new (&by_id_) decltype(by_id_)();
  new (&finished_) Runs();
  submitting_ = 0;
  ended_ = 0;
  pushed_ = 0;
  ignored_ = 0;
}

void LlmRuns::start(std::string_view id, ObservationType type, std::string_view name,
                    std::string_view parent_id, RunSetter set_values) {
  Runs fresh(1);
  const Runs::iterator run = fresh.begin();
  run->id = id;
  ObservationOptions options;
  options.set_type(type);
  Runs pushed;

  MutexLock lock(mutex_);
  leave_runs_to_parent();
  const auto parent = by_id_.find(parent_id);
  const bool has_parent =
      !parent_id.empty() && parent != by_id_.end() && parent->second->context.is_valid();
  if (has_parent) options.set_parent(parent->second->context);
  if (!by_id_.emplace(run->id, run).second) {
    lock.unlock();
    ignore(id, "is open already");
    return;
  }
  runs_.splice(runs_.end(), fresh);
  const Claim claim(*this, run, Step::stay);
  const bool was_never_full = pushed_ == 0;
  take_oldest(pushed);
  announce(pushed);
  const bool is_first_push = was_never_full && pushed_ != 0;
  lock.unlock();

  run->observation = start_observation(name, options);
  lock.lock();
  run->context = run->observation.context();
  lock.unlock();
  submit(std::move(pushed), too_many);
  if (is_first_push) {
    report(Diagnostic::Severity::warning,
           "more than `max_open_runs` runs of an LLM handler are open; the oldest are ended");
  }
  if (!parent_id.empty() && !has_parent) {
    ignore(parent_id, "is not open and cannot be a parent; the current observation is");
  }
  set_values(run->observation);
}

bool LlmRuns::apply(std::string_view id, Step step, RunSetter set_values) {
  MutexLock lock(mutex_);
  leave_runs_to_parent();
  const Runs::iterator run = find(id, lock);
  if (run == runs_.end()) {
    lock.unlock();
    ignore(id, "is not open");
    return false;
  }
  // The time first, so that our own work is not in it; the first of several ends is the end.
  const bool is_end = step == Step::end || step == Step::wait;
  if (is_end && !run->has_ended()) run->end_unix_nano = std::max(now_of(run->observation), {1});
  const Claim claim(*this, run, step);
  lock.unlock();

  set_values(run->observation);
  return true;
}

void LlmRuns::add_token(std::string_view id, std::string_view text) noexcept {
  MutexLock lock(mutex_);
  leave_runs_to_parent();
  const Runs::iterator run = find(id, lock);
  if (run == runs_.end()) {
    lock.unlock();
    ignore(id, "is not open");
    return;
  }
  // Under the lock: a copy of a few bytes, and none of the user's code.
  run->observation.on_token(text);
}

void LlmRuns::submit_held(SteadyTime deadline) noexcept {
  Runs ended;
  MutexLock lock(mutex_);
  leave_runs_to_parent();
  ended.splice(ended.end(), finished_);
  for (auto run = runs_.begin(); run != runs_.end();) {
    run = run->has_ended() && !run->is_claimed() ? take(run, ended) : std::next(run);
  }
  announce(ended);
  lock.unlock();

  submit(std::move(ended), {});

  const CancellationGuard no_cancellation;
  lock.lock();
  changed_.wait_until(lock, deadline,
                      [this]() LANGFUSE_REQUIRES(mutex_) { return submitting_ == 0; });
}

void LlmRuns::close() noexcept {
  submit_held(SteadyTime::min());
  Runs open;
  MutexLock lock(mutex_);
  leave_runs_to_parent();
  by_id_.clear();
  open.splice(open.end(), runs_);
  open.reverse();  // children before their parents
  announce(open);
  lock.unlock();

  submit(std::move(open), handler_gone);
}

LlmHandlerStats LlmRuns::stats() const noexcept {
  const MutexLock lock(mutex_);
  if (!is_of_this_process(generation_)) return {};
  const auto waiting =
      std::count_if(runs_.begin(), runs_.end(), [](const Run& run) { return run.has_ended(); });
  LlmHandlerStats stats;
  stats.open = runs_.size() - static_cast<std::uint64_t>(waiting);
  stats.held = finished_.size() + static_cast<std::uint64_t>(waiting);
  stats.ended = ended_;
  stats.pushed = pushed_;
  stats.ignored = ignored_;
  return stats;
}

// The run, when nobody has claimed it any more; the end of the list when there is none. REQUIRES:
// `lock` holds `mutex_`.
LlmRuns::Runs::iterator LlmRuns::find(std::string_view id, MutexLock& lock) noexcept {
  const std::thread::id self = std::this_thread::get_id();
  while (true) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return runs_.end();
    if (!found->second->is_claimed()) return found->second;
    // From inside a value of this run or of another: two that wait for each other would never end.
    const bool has_claim = std::any_of(runs_.begin(), runs_.end(),
                                       [self](const Run& run) { return run.claimed_by == self; });
    if (has_claim) return runs_.end();
    const CancellationGuard no_cancellation;
    changed_.wait(lock);
  }
}

void LlmRuns::release(Runs::iterator run, Step step) noexcept {
  Runs batch;
  {
    const MutexLock lock(mutex_);
    leave_runs_to_parent();
    run->claimed_by = std::thread::id();
    if (step == Step::end || (step == Step::complete && run->has_ended())) {
      take(run, finished_);
      if (finished_.size() >= hold_finished_) batch.splice(batch.end(), finished_);
    }
    announce(batch);
    changed_.notify_all();
  }
  submit(std::move(batch), {});
}

// Returns the run after it.
LlmRuns::Runs::iterator LlmRuns::take(Runs::iterator run, Runs& into) noexcept {
  const Runs::iterator next = std::next(run);
  by_id_.erase(run->id);
  into.splice(into.end(), runs_, run);
  return next;
}

// What must make room for the newest.
void LlmRuns::take_oldest(Runs& into) noexcept {
  if (runs_.size() <= max_open_) return;
  const auto oldest =
      std::find_if(runs_.begin(), runs_.end(), [](const Run& run) { return !run.is_claimed(); });
  if (oldest == runs_.end()) return;
  if (!oldest->has_ended()) ++pushed_;
  take(oldest, into);
}

// Says that `runs` are about to be submitted.
void LlmRuns::announce(const Runs& runs) noexcept {
  if (runs.empty()) return;
  ended_ += runs.size();
  ++submitting_;
}

// `why_early`: the status message of those that are open. REQUIRES: `announce`.
void LlmRuns::submit(Runs runs, std::string_view why_early) noexcept {
  if (runs.empty()) return;
  for (Run& run : runs) {
    if (!run.has_ended()) {
      run.observation.set_level(Level::warning).set_status_message(why_early);
      run.end_unix_nano = now_of(run.observation);
    }
    run.observation.end(run.end_unix_nano);
  }
  const MutexLock lock(mutex_);
  leave_runs_to_parent();
  --submitting_;
  changed_.notify_all();
}

void LlmRuns::ignore(std::string_view id, std::string_view problem) noexcept {
  constexpr std::size_t most = 80;
  {
    const MutexLock lock(mutex_);
    leave_runs_to_parent();
    ++ignored_;
  }
  if (!is_debugging()) return;
  try {
    std::string message = "run '";
    message.append(shortened(id, most)).append("' ").append(problem);
    report_debug(message);
  } catch (const std::bad_alloc&) {
    report_debug(problem);
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "pipeline/init_state.h"

#include <new>

#include "model/forks.h"
#include "model/never_destroyed.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

namespace {

// In a forked child: a turn of another thread is over, and what such a thread was writing is
// forgotten. Without analysis: nobody else is in the library.
void take_over_init_state() noexcept LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  InitState& state = init_state();
  if (state.mutex.was_held_at_fork()) new (&state.why_disabled) std::string();
  state.is_starting = state.is_starting && state.starter == std::this_thread::get_id();
}

ForkEntry init_entry{take_over_init_state};

}  // namespace

InitState& init_state() noexcept {
  static NeverDestroyed<InitState> state;
  return state.get();
}

InitTurn::InitTurn() noexcept {
  const CancellationGuard no_cancellation;
  InitState& state = init_state();
  MutexLock lock(state.mutex);
  if (state.is_starting && state.starter == std::this_thread::get_id()) return;
  state.changed.wait(lock,
                     [&state]() LANGFUSE_REQUIRES(state.mutex) { return !state.is_starting; });
  state.is_starting = true;
  state.starter = std::this_thread::get_id();
  is_mine_ = true;
}

InitTurn::~InitTurn() {
  if (!is_mine_) return;
  InitState& state = init_state();
  const MutexLock lock(state.mutex);
  state.is_starting = false;
  state.changed.notify_all();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

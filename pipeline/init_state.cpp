#include "pipeline/init_state.h"

#include "model/never_destroyed.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

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

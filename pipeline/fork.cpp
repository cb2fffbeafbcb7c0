#include "pipeline/fork.h"

#include <pthread.h>

#include <new>
#include <thread>

#include "model/diagnostics.h"
#include "model/mutex.h"
#include "model/random_ids.h"
#include "pipeline/client.h"
#include "pipeline/flush_sources.h"
#include "pipeline/init_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Around a fork nobody else holds what a child needs: what is locked in it stays so for good. All
// are leaves. Without analysis: the fork stands between the lock and what unlocks it.
void before_fork() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  init_state().mutex.lock();
  FlushSources::before_fork();
  diagnostics_before_fork();
}

void after_fork_in_parent() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  diagnostics_after_fork_in_parent();
  FlushSources::after_fork_in_parent();
  init_state().mutex.unlock();
}

void after_fork_in_child() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  diagnostics_after_fork_in_child();
  FlushSources::after_fork_in_child();
  InitState& state = init_state();
  new (&state.changed) Condition();  // the old one may count waiters of the parent
  state.is_starting = state.is_starting && state.starter == std::this_thread::get_id();
  state.mutex.unlock();
  Client::forget();
  reseed_random_ids();
}

}  // namespace

bool follow_forks() noexcept {
  static bool is_registered = false;
  is_registered =
      is_registered || pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  return is_registered;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

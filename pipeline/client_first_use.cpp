// What the first use of the library does where `init()` was not called in this process: in a forked
// child, a client with the parent's settings takes over.
#include <atomic>
#include <cstdint>
#include <exception>

#include "langfuse/client_in_force.h"
#include "model/diagnostics.h"
#include "model/forks.h"
#include "pipeline/client.h"
#include "pipeline/init_state.h"
#include "pipeline/internal_error.h"
#include "pipeline/settings/process_environment.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

Client* Client::first_use() noexcept {
  process_generation();
  Client* const parents = current_or_parents();
  if (parents != nullptr) return succeed(*parents);
  // One thread says it; for the others, and from then on, nothing is configured.
  std::uintptr_t expected = 0;
  if (fork_page.client.compare_exchange_strong(expected, nobody, std::memory_order_acq_rel)) {
    expected = uninitialised;
    __atomic_compare_exchange_n(&client_in_force, &expected, 0, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_ACQUIRE);
    if (environment_has_keys()) {
      report(Diagnostic::Severity::warning,
             "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are set, but langfuse::init() was not "
             "called: nothing is sent");
    }
    return nullptr;
  }
  return current_or_null();
}

// Of the parent's client only what never changes is read. Threads that come meanwhile wait; what
// the making itself logs is ignored.
Client* Client::succeed(const Client& parents) noexcept {
  Error error;
  {
    const InitTurn turn;
    if (!turn.is_mine()) return nullptr;
    if (fork_page.client.load(std::memory_order_acquire) != 0) return current_or_null();
    if (!parents.is_parents()) return nullptr;  // it is about to be in force
    if (parents.is_closed()) {
      fork_page.client.store(nobody, std::memory_order_release);
      return nullptr;
    }
    try {
      error = launch(parents.settings_, nullptr, nullptr);
    } catch (const std::exception& exception) {
      error = internal_error("after a fork: ", exception.what());
    }
    if (error) forget();
  }
  if (error) report(Diagnostic::Severity::error, error.message);
  return current_or_null();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

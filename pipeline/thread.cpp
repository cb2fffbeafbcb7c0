#include "pipeline/thread.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <exception>
#include <memory>
#include <utility>

#include "model/diagnostics.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

thread_local bool waiting_is_forbidden = false;

void* run_body(void* argument) {
  const std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

bool start_thread(const char* name, std::function<void()> body) noexcept {
  // The new thread inherits the mask, so that no signal can reach it before it has blocked them
  // itself.
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &old) != 0) return false;
  bool is_started = false;
  try {
    auto owned = std::make_unique<std::function<void()>>(std::move(body));
    pthread_t thread;
    if (pthread_create(&thread, nullptr, run_body, owned.get()) == 0) {
      static_cast<void>(owned.release());  // the thread's now
      pthread_setname_np(thread, name);
      pthread_detach(thread);
      is_started = true;
    }
  } catch (const std::exception&) {
    is_started = false;  // no memory: said by the caller, who knows what is missing now
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return is_started;
}

std::uint64_t os_thread_id() noexcept {
  // glibc has a function of its own for it only since 2.30.
  return static_cast<std::uint64_t>(::syscall(SYS_gettid));
}

bool may_wait() noexcept {
  return !waiting_is_forbidden && !in_library();
}

void forbid_waiting() noexcept {
  waiting_is_forbidden = true;
}

CancellationGuard::CancellationGuard() noexcept {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old_state_);
}

CancellationGuard::~CancellationGuard() {
  pthread_setcancelstate(old_state_, nullptr);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "pipeline/thread.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <memory>
#include <utility>

#include "model/diagnostics.h"
#include "model/forks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

thread_local bool waiting_is_forbidden = false;

// In this order, so that nobody finds more threads running than there are.
std::atomic<std::uint64_t> ended_threads{0};
std::atomic<std::uint64_t> started_threads{0};

// Those were the parent's.
ForkEntry thread_entry{[]() noexcept {
  ended_threads.store(0);
  started_threads.store(0);
  waiting_is_forbidden = false;
}};

// The signals that were blocked where the first thread was started: written once, before any
// thread of ours begins.
sigset_t hosts_mask;
std::atomic<bool> has_hosts_mask{false};

struct Start {
  const char* name;
  std::function<void()> body;
};

// The barrier around everything that a thread of the library does: no exception ends the host.
// Allocates nothing, because lack of memory is what may be caught here.
void run_guarded(const Start& start) {
  try {
    start.body();
  } catch (const abi::__forced_unwind&) {
    throw;  // the thread is being cancelled, or calls pthread_exit: not to be held up
  } catch (const std::exception& exception) {
    report(Diagnostic::Severity::error, "a thread of the library ended early: ", exception.what());
  } catch (...) {
    report(Diagnostic::Severity::error, "a thread of the library ended early: ", start.name);
  }
}

struct RunningThread {
  RunningThread() noexcept { started_threads.fetch_add(1); }
  ~RunningThread() { ended_threads.fetch_add(1); }
  RunningThread(const RunningThread&) = delete;
  RunningThread& operator=(const RunningThread&) = delete;
};

void* run_body(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  const RunningThread counted;
  run_guarded(*start);
  return nullptr;
}

// Keeps the object that this code is in. Without it, the last instructions of a thread race with a
// `dlclose` after `shutdown()`; and a thread that hangs in the user's code outlives every wait.
bool keep_loaded() noexcept {
  static std::atomic<bool> is_kept{false};  // publishes nothing but itself
  if (is_kept.load(std::memory_order_relaxed)) return true;
  Dl_info about = {};
  link_map* object = nullptr;
  if (dladdr1(reinterpret_cast<void*>(&run_body), &about, reinterpret_cast<void**>(&object),
              RTLD_DL_LINKMAP) == 0 ||
      object == nullptr || object->l_name == nullptr || *object->l_name == '\0') {
    is_kept.store(true, std::memory_order_relaxed);  // the program itself, which nobody unloads
    return true;
  }
  void* const handle = dlopen(object->l_name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  if (handle == nullptr) return false;  // no memory
  dlclose(handle);
  is_kept.store(true, std::memory_order_relaxed);
  return true;
}

}  // namespace

ThreadCounts library_threads() noexcept {
  ThreadCounts counts;
  counts.ended = ended_threads.load();
  counts.started = started_threads.load();
  return counts;
}

void take_signals_of_host() noexcept {
  if (has_hosts_mask.load()) pthread_sigmask(SIG_SETMASK, &hosts_mask, nullptr);
}

bool start_thread(const char* name, std::function<void()> body) noexcept {
  if (!keep_loaded()) return false;
  // The new thread inherits the mask, so that no signal can reach it before it has blocked them
  // itself.
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &old) != 0) return false;
  static const bool is_mask_kept = [&old] {
    hosts_mask = old;
    has_hosts_mask.store(true);
    return true;
  }();
  static_cast<void>(is_mask_kept);
  bool is_started = false;
  try {
    auto owned = std::make_unique<Start>(Start{name, std::move(body)});
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

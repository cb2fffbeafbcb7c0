#include "langfuse/langfuse.h"

#include <pthread.h>

#include <chrono>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "http/curl_transport.h"
#include "langfuse/config.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/mutex.h"
#include "model/never_destroyed.h"
#include "model/random_ids.h"
#include "pipeline/client.h"
#include "pipeline/exit_hook.h"
#include "pipeline/flush_sources.h"
#include "pipeline/internal_error.h"
#include "pipeline/last_threads.h"
#include "pipeline/settings/settings.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::Client;
using internal::Condition;
using internal::FlushLimit;
using internal::Mutex;
using internal::MutexLock;

// What `init` leaves behind for `why_disabled`. Never destroyed: the exit hook and late threads may
// ask.
struct InitState {
  Mutex mutex;  // a leaf
  Condition changed;
  bool was_called LANGFUSE_GUARDED_BY(mutex) = false;
  std::string why_disabled LANGFUSE_GUARDED_BY(mutex);
  bool is_starting LANGFUSE_GUARDED_BY(mutex) = false;  // a thread is in `start`, …
  std::thread::id starter LANGFUSE_GUARDED_BY(mutex);   // … this one
};

InitState& init_state() {
  static internal::NeverDestroyed<InitState> state;
  return state.get();
}

// One thread at a time is in `start`; it holds no lock there, because what a `Config` holds is the
// user's code, which may ask `why_disabled()`, or copy itself in ways that call us.
class Turn {
 public:
  Turn() noexcept {
    const internal::CancellationGuard no_cancellation;
    InitState& state = init_state();
    MutexLock lock(state.mutex);
    if (state.is_starting && state.starter == std::this_thread::get_id()) return;
    state.changed.wait(lock,
                       [&state]() LANGFUSE_REQUIRES(state.mutex) { return !state.is_starting; });
    state.is_starting = true;
    state.starter = std::this_thread::get_id();
    is_mine_ = true;
  }
  ~Turn() {
    if (!is_mine_) return;
    InitState& state = init_state();
    const MutexLock lock(state.mutex);
    state.is_starting = false;
    state.changed.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // False inside the turn of the same thread.
  bool is_mine() const noexcept { return is_mine_; }

 private:
  bool is_mine_ = false;
};

std::chrono::nanoseconds nanoseconds(Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

// Around a fork nobody else holds what a child needs: what is locked in it stays so for good. All
// are leaves. Without analysis: the fork stands between the lock and what unlocks it.
void before_fork() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  init_state().mutex.lock();
  internal::FlushSources::before_fork();
  internal::diagnostics_before_fork();
}

void after_fork_in_parent() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  internal::diagnostics_after_fork_in_parent();
  internal::FlushSources::after_fork_in_parent();
  init_state().mutex.unlock();
}

// The child of a fork has none of our threads and must not touch what the parent's hold. It may
// `init` again, and its ids must not be those that the parent draws next.
void after_fork_in_child() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  internal::diagnostics_after_fork_in_child();
  internal::FlushSources::after_fork_in_child();
  InitState& state = init_state();
  new (&state.changed) Condition();  // the old one may count waiters of the parent
  state.is_starting = state.is_starting && state.starter == std::this_thread::get_id();
  state.mutex.unlock();
  Client::forget();
  internal::reseed_random_ids();
}

// Each step once a process, in this order: the exit hook must run before what `curl_global_init`
// registered. A step that fails, for which all need no more than a lack of memory, is tried again
// by the next `init`. REQUIRES: a `Turn`.
Error prepare_process(bool wants_exit_hook) {
  static bool follows_forks = false;
  const auto failed = [](const char* what) {
    return internal::internal_error("init: the system has no memory for ", what);
  };
  if (!internal::initialise_curl()) {
    return internal::internal_error("init: libcurl does not start; is there memory?");
  }
  follows_forks =
      follows_forks || pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  if (!follows_forks) return failed("the handlers of fork");
  if (!wants_exit_hook) return {};
  return internal::register_exit_hook() ? Error{} : failed("the exit hook");
}

// The result is said by the caller, outside of the turn: what receives it is the user's code.
Error start(const Config& config, std::string& warnings) {
  const Turn turn;
  if (!turn.is_mine()) {
    return {ErrorCode::already_running, "init: called from inside a call of init"};
  }
  internal::Resolution resolution = internal::resolve(config);
  Client* const running = Client::current_or_null();
  if (running != nullptr && !running->is_closed()) {
    return Client::start(std::move(resolution.settings), nullptr,
                         nullptr);  // says that it is running
  }
  internal::configure_diagnostics(
      {resolution.settings.on_error, resolution.settings.debug, resolution.settings.secret_key});
  for (const std::string& line : resolution.settings.in_force) internal::report_debug(line);
  for (const std::string& line : resolution.warnings)
    warnings += (warnings.empty() ? "" : "\n") + line;
  if (!resolution.why_disabled.empty()) {
    Client::forget();
  } else {
    Error problem = prepare_process(resolution.settings.exit_hook);
    if (!problem) problem = Client::start(std::move(resolution.settings), nullptr, nullptr);
    if (problem) {
      resolution.why_disabled = problem.message;
      if (!resolution.error.message.empty()) resolution.error.message += '\n';
      resolution.error.message += problem.message;
      resolution.error.code = problem.code;
    }
  }
  if (resolution.why_disabled.empty()) internal::notice_end_of_this_thread();
  InitState& state = init_state();
  const MutexLock lock(state.mutex);
  state.why_disabled = resolution.why_disabled;
  state.was_called = true;
  return std::move(resolution.error);
}

// In one line, so that the limit of one line a second cannot swallow half of it.
void say(Diagnostic::Severity severity, std::string problems) {
  if (problems.empty()) return;
  for (std::size_t at = problems.find('\n'); at != std::string::npos;
       at = problems.find('\n', at)) {
    problems.replace(at, 1, "; ");
  }
  internal::report(severity, problems);
}

}  // namespace

const char* to_string(DropReason reason) noexcept {
  switch (reason) {
    case DropReason::queue_full:
      return "queue_full";
    case DropReason::queue_bytes:
      return "queue_bytes";
    case DropReason::too_large:
      return "too_large";
    case DropReason::rejected:
      return "rejected";
    case DropReason::after_shutdown:
      return "after_shutdown";
    case DropReason::at_shutdown:
      return "at_shutdown";
    case DropReason::reentrant:
      return "reentrant";
    case DropReason::out_of_memory:
      return "out_of_memory";
    case DropReason::outside_scope:
      return "outside_scope";
    case DropReason::no_route:
      return "no_route";
    case DropReason::invalid:
      return "invalid";
  }
  return "unknown";
}

Error init() noexcept {
  return init(Config{});
}

Error init(const Config& config) noexcept {
  Error error;
  try {
    std::string warnings;
    error = start(config, warnings);
    const bool is_grave = error && error.code != ErrorCode::bad_setting;
    if (!warnings.empty() && error) warnings += '\n';
    say(is_grave ? Diagnostic::Severity::error : Diagnostic::Severity::warning,
        warnings + error.message);
  } catch (const std::exception& exception) {
    error = internal::internal_error("init: ", exception.what());
    internal::report(Diagnostic::Severity::error, "init: ", exception.what());
  }
  return error;
}

bool enabled() noexcept {
  const Client* const client = Client::current_or_null();
  return client != nullptr && !client->is_closed();
}

std::string why_disabled() {
  const Client* const client = Client::current_or_null();
  if (client != nullptr) return client->is_closed() ? "langfuse::shutdown() was called" : "";
  InitState& state = init_state();
  const MutexLock lock(state.mutex);
  if (!state.was_called) return "langfuse::init() was not called";
  // What was enabled is forgotten by the child of a fork alone.
  return state.why_disabled.empty() ? "langfuse::init() was not called after the fork"
                                    : state.why_disabled;
}

FlushResult flush() noexcept {
  Client* const client = Client::current_or_null();
  return client == nullptr
             ? FlushResult{}
             : client->flush(FlushLimit::of_setting(nanoseconds(client->settings().flush_timeout)));
}

FlushResult flush(Timeout timeout) noexcept {
  Client* const client = Client::current_or_null();
  return client == nullptr ? FlushResult{}
                           : client->flush(FlushLimit::of_caller(
                                 std::chrono::nanoseconds(timeout.nanoseconds())));
}

FlushGuard::~FlushGuard() {
  has_timeout_ ? flush(timeout_) : flush();
}

FlushResult shutdown() noexcept {
  Client* const client = Client::current_or_null();
  return client == nullptr ? FlushResult{}
                           : client->shutdown(FlushLimit::of_setting(
                                 nanoseconds(client->settings().shutdown_timeout)));
}

FlushResult shutdown(Timeout timeout) noexcept {
  Client* const client = Client::current_or_null();
  return client == nullptr ? FlushResult{}
                           : client->shutdown(FlushLimit::of_caller(
                                 std::chrono::nanoseconds(timeout.nanoseconds())));
}

Stats stats() noexcept {
  const Client* const client = Client::current_or_null();
  return client == nullptr ? Stats{} : client->stats();
}

std::uint64_t register_flush_source(const char* name, FlushSource source) noexcept {
  return internal::FlushSources::instance().add(name, std::move(source));
}

bool unregister_flush_source(std::uint64_t source) noexcept {
  return internal::FlushSources::instance().remove(source);
}

}  // namespace v0_1
}  // namespace langfuse

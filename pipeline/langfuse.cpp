#include "langfuse/langfuse.h"

#include <chrono>
#include <string>
#include <utility>

#include "http/curl_transport.h"
#include "langfuse/config.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/forks.h"
#include "model/mutex.h"
#include "pipeline/client.h"
#include "pipeline/exit_hook.h"
#include "pipeline/flush_sources.h"
#include "pipeline/init_state.h"
#include "pipeline/internal_error.h"
#include "pipeline/last_threads.h"
#include "pipeline/settings/settings.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::Client;
using internal::FlushLimit;
using internal::InitState;
using internal::MutexLock;

std::chrono::nanoseconds nanoseconds(Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

// Each step once a process, in this order: the exit hook must run before what `curl_global_init`
// registered. A step that fails, for which all need no more than a lack of memory, is tried again
// by the next `init`. REQUIRES: an `InitTurn`.
Error prepare_process(bool wants_exit_hook) {
  const auto failed = [](const char* what) {
    return internal::internal_error("init: the system has no memory for ", what);
  };
  if (!internal::initialise_curl()) {
    return internal::internal_error("init: libcurl does not start; is there memory?");
  }
  if (!internal::follows_forks()) return failed("the handlers of fork");
  if (!wants_exit_hook) return {};
  return internal::register_exit_hook() ? Error{} : failed("the exit hook");
}

// The result is said by the caller, outside of the turn: what receives it is the user's code.
Error start(const Config& config, std::string& warnings) {
  const internal::InitTurn turn;
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
  InitState& state = internal::init_state();
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
  const Client* const client = Client::current_or_parents();
  return client != nullptr && !client->is_closed();
}

std::string why_disabled() {
  const Client* const client = Client::current_or_parents();
  if (client != nullptr) return client->is_closed() ? "langfuse::shutdown() was called" : "";
  InitState& state = internal::init_state();
  const MutexLock lock(state.mutex);
  if (!state.was_called) return "langfuse::init() was not called";
  return state.why_disabled;
}

FlushResult flush() noexcept {
  Client* const client = Client::current_or_successor();
  return client == nullptr
             ? FlushResult{}
             : client->flush(FlushLimit::of_setting(nanoseconds(client->settings().flush_timeout)));
}

FlushResult flush(Timeout timeout) noexcept {
  Client* const client = Client::current_or_successor();
  return client == nullptr ? FlushResult{}
                           : client->flush(FlushLimit::of_caller(
                                 std::chrono::nanoseconds(timeout.nanoseconds())));
}

FlushGuard::~FlushGuard() {
  has_timeout_ ? flush(timeout_) : flush();
}

FlushResult shutdown() noexcept {
  Client* const client = Client::current_or_successor();
  return client == nullptr ? FlushResult{}
                           : client->shutdown(FlushLimit::of_setting(
                                 nanoseconds(client->settings().shutdown_timeout)));
}

FlushResult shutdown(Timeout timeout) noexcept {
  Client* const client = Client::current_or_successor();
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

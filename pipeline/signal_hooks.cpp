// Signals that end the process: `install_exit_hooks`.
//
// The handler writes one byte and returns, so that the interrupted thread can let go of whatever
// lock it holds; a helper thread flushes, restores what the signal did before and sends it again.
// The wait status of the process stays that of a process killed by the signal. While the helper
// works, a second signal has its default effect at once.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "pipeline/internal_error.h"
#include "pipeline/last_threads.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

using internal::Client;

struct Hook {
  int number = 0;
  struct sigaction old {};
};

// What the helper works with; made once, never destroyed.
struct Hooks {
  ExitHookOptions options;
  Hook installed[8];
  int count = 0;
  int read_end = -1;
};

// All that the handler touches: lock-free, and constant-initialised.
std::atomic<int> pending_signal{0};
std::atomic<int> write_end{-1};
std::atomic<pid_t> owner{0};

void die_by(int number) noexcept {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, nullptr);
  raise(number);  // blocked while the handler runs; takes effect when it returns
}

void handle(int number) {
  const int saved_errno = errno;
  if (getpid() != owner.load(std::memory_order_relaxed) || pending_signal.exchange(number) != 0) {
    die_by(number);  // a forked child, which has no helper, or the second signal
  } else {
    const char byte = 0;
    while (write(write_end.load(std::memory_order_relaxed), &byte, 1) < 0 && errno == EINTR) {
    }
  }
  errno = saved_errno;
}

// Once the library has been shut down, this thread is the one that looks for the last threads.
bool wait_for_signal(const Hooks& hooks) noexcept {
  internal::LastThreads last_threads;
  pollfd pipe = {hooks.read_end, POLLIN, 0};
  constexpr auto pause =
      std::chrono::duration_cast<std::chrono::milliseconds>(internal::LastThreads::between_looks);
  while (poll(&pipe, 1, static_cast<int>(pause.count())) <= 0) {
    const Client* const client = Client::current_or_null();
    if (client == nullptr || client->is_closed()) last_threads.look();
  }
  char byte = 0;
  ssize_t count = 0;
  do {
    count = read(hooks.read_end, &byte, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

internal::FlushLimit limit_of(const Hooks& hooks, const Client& client) {
  using internal::FlushLimit;
  if (hooks.options.timeout_ns > 0) {
    return FlushLimit::of_caller(std::chrono::nanoseconds(hooks.options.timeout_ns));
  }
  return FlushLimit::of_exit(
      std::chrono::duration_cast<std::chrono::nanoseconds>(client.settings().exit_timeout));
}

void call_on_signal(const Hooks& hooks, int number) noexcept {
  try {
    hooks.options.on_signal(number);
  } catch (const std::exception& exception) {
    internal::report(Diagnostic::Severity::error, "on_signal threw: ", exception.what());
  } catch (...) {
    internal::report(Diagnostic::Severity::error,
                     "on_signal threw something that is no std::exception");
  }
}

void help(Hooks& hooks) {
  while (wait_for_signal(hooks)) {
    const int number = pending_signal.load();
    if (hooks.options.on_signal) {
      internal::forbid_waiting();  // the application's callback starts its own end; it must not
                                   // wait here for ours
      call_on_signal(hooks, number);
      continue;
    }
    Client* const client = Client::current_or_null();
    if (client != nullptr) client->shutdown(limit_of(hooks, *client));
    const Hook* const hook =
        std::find_if(hooks.installed, hooks.installed + hooks.count,
                     [number](const Hook& candidate) { return candidate.number == number; });
    sigaction(number, &hook->old, nullptr);
    kill(getpid(), number);
  }
}

bool open_pipe(Hooks& hooks) noexcept {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  hooks.read_end = ends[0];
  write_end.store(ends[1]);
  return true;
}

// Takes over one signal if nobody has a use for it yet; otherwise says why not.
std::string take_over(Hooks& hooks, int number) {
  const std::string name = "signal " + std::to_string(number);
  struct sigaction old {};
  if (sigaction(number, nullptr, &old) != 0)
    return "install_exit_hooks: " + name + ": " + std::generic_category().message(errno);
  const bool has_handler =
      (old.sa_flags & SA_SIGINFO) != 0 || (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN);
  if (has_handler)
    return "install_exit_hooks: " + name +
           " has a handler of the application, which stays in force";
  if (old.sa_handler == SIG_IGN) return "install_exit_hooks: " + name + " is ignored, and stays so";
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  hooks.installed[hooks.count++] = {number, old};
  if (sigaction(number, &action, nullptr) != 0) {
    --hooks.count;
    return "install_exit_hooks: " + name + ": " + std::generic_category().message(errno);
  }
  return {};
}

// Made by the first `install`.
std::atomic<Hooks*> installed_hooks{nullptr};

// In a forked child of a process that had the hooks: gives it a helper of its own. Until then, and
// where the system has no thread for it, the signals have their default effect. The parent's pipe
// stays open: whoever closed descriptors in the child, as `daemon` does, may have given its numbers
// to others.
void resume_in_child() noexcept {
  Hooks* const hooks = installed_hooks.load(std::memory_order_acquire);
  if (owner.load(std::memory_order_relaxed) == getpid() || hooks->count == 0) return;
  if (!open_pipe(*hooks)) return;
  pending_signal.store(0);
  owner.store(getpid());
  if (!internal::start_thread("langfuse-signal", [hooks] { help(*hooks); })) owner.store(0);
}

Error install(ExitHookOptions options) {
  static std::atomic<bool> is_installed{false};
  if (is_installed.exchange(true)) {
    return {ErrorCode::already_running,
            "install_exit_hooks: already installed; the first call stays in force"};
  }
  static Hooks* const hooks = new Hooks();
  hooks->options = std::move(options);
  if (hooks->options.signals.count == 0) hooks->options.signals = {SIGTERM, SIGINT};
  owner.store(getpid());
  if (!open_pipe(*hooks))
    return {ErrorCode::internal,
            std::string("install_exit_hooks: no pipe: ") + std::generic_category().message(errno)};
  Error error;
  for (int i = 0; i < hooks->options.signals.count; ++i) {
    const std::string problem = take_over(*hooks, hooks->options.signals.numbers[i]);
    if (problem.empty()) continue;
    error.code = ErrorCode::bad_setting;
    error.message += (error.message.empty() ? "" : "\n") + problem;
  }
  // A signal that comes before the thread runs waits in the pipe.
  if (!internal::start_thread("langfuse-signal", [] { help(*hooks); })) {
    for (int i = 0; i < hooks->count; ++i)
      sigaction(hooks->installed[i].number, &hooks->installed[i].old, nullptr);
    return {ErrorCode::internal, "install_exit_hooks: the system has no thread for it"};
  }
  installed_hooks.store(hooks, std::memory_order_release);
  Client::resume_in_child(resume_in_child);
  return error;
}

}  // namespace

Error install_exit_hooks() noexcept {
  return install_exit_hooks(ExitHookOptions{});
}

Error install_exit_hooks(ExitHookOptions options) noexcept {
  try {
    return install(std::move(options));
  } catch (const std::exception& exception) {
    return internal::internal_error("install_exit_hooks: ", exception.what());
  }
}

}  // namespace v0_1
}  // namespace langfuse

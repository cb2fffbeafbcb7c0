// Start, flush, stop and counters: the part of langfuse-cpp that `main` uses.
//
// A program calls `init()` once, then logs and opens observations from any thread (see
// `tracing/observe.h` and `sinks/spdlog_sink.h`). One background thread sends the records. Every
// function here may be called at any time from any thread. None throws an exception of its own,
// except for lack of memory where it is not `noexcept`. All do nothing when nothing is configured.
// The settings are in `config.h`.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "langfuse/callback.h"
#include "langfuse/drop_reason.h"
#include "langfuse/export.h"

// The version of the library. Both build systems read it from this file.
#define LANGFUSE_VERSION_MAJOR 0
#define LANGFUSE_VERSION_MINOR 1
#define LANGFUSE_VERSION_PATCH 0

namespace langfuse {
inline namespace LANGFUSE_ABI {

struct Config;

// A length of time, from any `std::chrono` duration. Negative durations count as zero; too large
// ones mean forever. It exists so that this header need not include `<chrono>`.
class Timeout {
 public:
  constexpr Timeout() noexcept : nanoseconds_(0) {}
  template <class Duration, class Period = typename Duration::period>
  constexpr Timeout(const Duration& duration)
      : nanoseconds_(to_nanoseconds(static_cast<double>(duration.count()),
                                    static_cast<double>(Period::num),
                                    static_cast<double>(Period::den))) {}

  constexpr std::int64_t nanoseconds() const noexcept { return nanoseconds_; }

 private:
  // NaN is rejected first: compilers may refuse arithmetic on it in a constant expression.
  static constexpr std::int64_t to_nanoseconds(double count, double numerator,
                                               double denominator) noexcept {
    if (!(count > 0)) return 0;
    constexpr double longest = 9.0e18;
    const double value = count * 1e9 * numerator / denominator;
    return value >= longest ? std::int64_t{9'000'000'000'000'000'000}
                            : static_cast<std::int64_t>(value);
  }

  std::int64_t nanoseconds_;
};

// The most recent request that delivered nothing.
struct LastError {
  std::string text;                 // one or two sentences, without secrets; empty: none failed
  std::int64_t time_unix_nano = 0;  // ns since the Unix epoch
};

enum class FlushStatus : std::uint8_t {
  ok,              // each record submitted before the call was delivered, or dropped and counted
  pending,         // the time ran out, nothing could change within it, or a flush source has not
                   // finished; `FlushResult::pending` records are held and will be tried again
  not_configured,  // nothing is configured, so there was nothing to do
  after_shutdown,  // `shutdown()` had been called; nothing is sent any more
  would_deadlock,  // called inside a callback of the library (a flush source, `on_error`), which
                   // cannot wait for itself
};

// The result of a flush. `delivered` and `dropped` cover the time since the previous flush
// returned, so the results of all flushes together count each record once.
struct FlushResult {
  FlushStatus status = FlushStatus::not_configured;
  std::uint64_t delivered = 0;
  DropCounts dropped;
  std::uint64_t pending = 0;  // submitted before the call, neither delivered nor dropped yet
  std::uint64_t open = 0;     // observations that have not ended; a flush does not send these
  LastError last_error;       // since `init()`: the likely reason for what is pending

  // False if the status is `pending` or `would_deadlock`.
  bool ok() const noexcept {
    return status != FlushStatus::pending && status != FlushStatus::would_deadlock;
  }
};

// Counters since `init()`; all 0 when nothing is configured. While no call is in progress and the
// background thread idles, `submitted + recovered == delivered + dropped.total() + spooled +
// queued`.
struct Stats {
  std::uint64_t submitted = 0;  // ended observations, log lines and scores, dropped ones included
  std::uint64_t recovered = 0;  // always 0: this version keeps no records on disk
  std::uint64_t delivered = 0;  // records that the server accepted
  DropCounts dropped;           // records that were not delivered, by reason
  std::uint64_t spooled = 0;    // always 0: this version keeps no records on disk
  std::uint64_t queued = 0;     // records in memory, those of unanswered requests included
  std::uint64_t queued_bytes = 0;  // the memory that these take
  std::uint64_t sampled_out = 0;   // never submitted: their trace is not in the sample
  std::uint64_t rate_limited = 0;  // never submitted: log lines beyond their sink's limits
  // Calls of `current_observation()` where there was none; in a forked child also ends of
  // observations that its parent has open.
  std::uint64_t ignored_updates = 0;
  std::uint64_t held = 0;            // not submitted yet: see `Config::keep_on_error`
  std::uint64_t truncated = 0;       // texts that were cut and marked
  std::uint64_t lost_values = 0;     // values of observations left out for lack of memory
  std::uint64_t open = 0;            // observations that have begun and not ended
  std::uint64_t requests = 0;        // HTTP requests that were answered or failed
  std::uint64_t retained_bytes = 0;  // upper bound of the memory that the queue keeps for reuse
  LastError last_error;
};

enum class ErrorCode : std::uint8_t {
  none = 0,
  bad_setting = 1,      // a value cannot be used; its default is in force
  disabled = 2,         // a value makes the library unusable and disables it, for instance a
                        // malformed URL, or one key without the other
  already_running = 3,  // a repeated call; the first one stays in force
  internal = 4,         // no memory, no thread or no pipe
};

// All problems of one call: the gravest code, and one problem a line. Each line names the setting,
// the bad value (never a secret) and what is accepted. Converts to true when there is a problem.
// `init` has reported it already (`Config::on_error`, else stderr), so it may be ignored.
struct Error {
  ErrorCode code = ErrorCode::none;
  std::string message;

  explicit operator bool() const noexcept { return code != ErrorCode::none; }
};

// Starts the library: reads the environment for each setting that `config` leaves open, starts the
// background thread and registers the exit hook. Without keys it does nothing, and all other calls
// do nothing. After `shutdown()` it starts anew; while running it returns `already_running`. A
// forked child needs no call: its first observation or line starts a client of its own, with the
// parent's settings. May block for some milliseconds. Any thread.
LANGFUSE_API Error init() noexcept;
LANGFUSE_API Error init(const Config& config) noexcept;

// True from a successful `init()` until `shutdown()` begins.
LANGFUSE_API bool enabled() noexcept;
// Why the library sends nothing, naming the setting; empty when it is enabled. Throws only for lack
// of memory.
LANGFUSE_API std::string why_disabled();

// Runs the registered flush sources. Then waits until each record submitted before the call is
// delivered, or dropped and counted. Returns at the latest when `timeout` is over (default:
// `Config::flush_timeout`, 10 s). Does not wait for records that other threads submit meanwhile. A
// network fault is reported once through `on_error`; the records stay, and are tried again. Any
// thread, any number of times; blocks.
//
// It returns earlier, with records pending, where waiting cannot help:
// - The server has refused the keys.
// - The next try comes after the deadline, because the server named a time or is not Langfuse.
// - No time was given, 2 s are over, the connection is refused or the host name unknown, and no
//   request of this process was ever answered.
LANGFUSE_API FlushResult flush() noexcept;
LANGFUSE_API FlushResult flush(Timeout timeout) noexcept;

// Flushes within `timeout` (default `Config::shutdown_timeout`, 5 s) and stops the library. What
// could not be sent is dropped as `at_shutdown`. What is submitted later is dropped as
// `after_shutdown`. The result is `pending` only if a callback or flush source of yours did not
// return in time. A further call waits for the first one to finish, within its own time. Any
// thread; blocks.
LANGFUSE_API FlushResult shutdown() noexcept;
LANGFUSE_API FlushResult shutdown(Timeout timeout) noexcept;

// The counters now; see `Stats`. Any thread; never waits for the network.
LANGFUSE_API Stats stats() noexcept;

// Registers a flush source: a function that hands over the records that your code still buffers. A
// flush calls all sources first, in the order of registration, on a thread of the library, and then
// delivers the records that they create. `source` receives the time it has, in nanoseconds, and
// should return within it. Its exceptions are reported and ignored. A source that does not return
// in time is named in a diagnostic, skipped until it returns, and never waited for at exit. Works
// before `init()`, and stays registered across a restart. `name` is copied. Returns a number for
// `unregister_flush_source`; 0 when `source` is empty or there is no memory.
using FlushSource = Callback<void(std::int64_t)>;
LANGFUSE_API std::uint64_t register_flush_source(const char* name, FlushSource source) noexcept;
// Removes a source: no new call of it begins once this returns, and one that is running goes on.
// False when no source has that number.
LANGFUSE_API bool unregister_flush_source(std::uint64_t source) noexcept;

// Up to eight signal numbers.
struct SignalSet {
  int numbers[8] = {};
  int count = 0;

  constexpr SignalSet() noexcept = default;
  template <class... Numbers>
  constexpr SignalSet(int first, Numbers... more) noexcept
      : numbers{first, more...}, count(1 + sizeof...(more)) {}
};

// Move-only. Setters on a temporary return an rvalue, so a chain can be passed directly as an
// argument.
struct ExitHookOptions {
  SignalSet signals;              // empty: SIGTERM and SIGINT
  std::int64_t timeout_ns = 0;    // for the flush after a signal; 0: `Config::exit_timeout`, 2 s
  Callback<void(int)> on_signal;  // see below; empty: flush, then die by the signal

  ExitHookOptions& set_signals(SignalSet value) & noexcept {
    signals = value;
    return *this;
  }
  ExitHookOptions& set_timeout(Timeout value) & noexcept {
    timeout_ns = value.nanoseconds();
    return *this;
  }
  ExitHookOptions& set_on_signal(Callback<void(int)> value) & noexcept {
    on_signal = std::move(value);
    return *this;
  }
  ExitHookOptions&& set_signals(SignalSet value) && noexcept {
    return std::move(set_signals(value));
  }
  ExitHookOptions&& set_timeout(Timeout value) && noexcept { return std::move(set_timeout(value)); }
  ExitHookOptions&& set_on_signal(Callback<void(int)> value) && noexcept {
    return std::move(set_on_signal(std::move(value)));
  }
};

// Makes the given signals shut the library down, with a flush, before they end the process. The
// process then dies by that signal, as its wait status shows. A second signal ends it at once.
//
// With `on_signal`, a thread of the library calls that instead of shutting down. The program then
// ends in its own way: stop accepting, finish the work in progress, return from `main`.
//
// A signal that the application handles or ignores is left alone and named in the result. Opt-in;
// POSIX only. Once a process: a second call returns `already_running`.
LANGFUSE_API Error install_exit_hooks() noexcept;
LANGFUSE_API Error install_exit_hooks(ExitHookOptions options) noexcept;

// A handle on the process-wide client, with the names of the Python and JavaScript SDKs. Stateless:
// copies are free, and one taken before `init()` works after it.
struct ClientHandle {
  LANGFUSE_LOCAL FlushResult flush() const noexcept { return langfuse::flush(); }
  LANGFUSE_LOCAL FlushResult flush(Timeout timeout) const noexcept {
    return langfuse::flush(timeout);
  }
  LANGFUSE_LOCAL FlushResult shutdown() const noexcept { return langfuse::shutdown(); }
  LANGFUSE_LOCAL FlushResult shutdown(Timeout timeout) const noexcept {
    return langfuse::shutdown(timeout);
  }
  LANGFUSE_LOCAL Stats stats() const noexcept { return langfuse::stats(); }
  LANGFUSE_LOCAL bool enabled() const noexcept { return langfuse::enabled(); }
};
LANGFUSE_INLINE ClientHandle get_client() noexcept {
  return {};
}

// `flush()`, under the name that Python programs use.
LANGFUSE_INLINE FlushResult flush_langfuse() noexcept {
  return flush();
}

// Flushes when its scope ends, however it ends. Place it first in a handler that must not return
// before its traces are sent. An exception that nothing catches ends the process without unwinding,
// and so without this flush: see `run_with_flush`.
class [[nodiscard]] FlushGuard {
 public:
  FlushGuard() noexcept = default;  // waits for `Config::flush_timeout`
  explicit FlushGuard(Timeout timeout) noexcept : timeout_(timeout), has_timeout_(true) {}
  FlushGuard(const FlushGuard&) = delete;
  FlushGuard& operator=(const FlushGuard&) = delete;
  LANGFUSE_API ~FlushGuard();

 private:
  Timeout timeout_;
  bool has_timeout_ = false;
};

namespace internal {

template <class T, class = void>
struct IsFuture : std::false_type {};
template <class T>
struct IsFuture<
    T, std::void_t<decltype(std::declval<T&>().valid()), decltype(std::declval<T&>().wait()),
                   decltype(std::declval<T&>().get())>> : std::true_type {};

template <class F, class... Args>
LANGFUSE_INLINE decltype(auto) flush_after(F&& f, Args&&... args) {
  const FlushGuard flush_guard;
  using Result = decltype(std::forward<F>(f)(std::forward<Args>(args)...));
  if constexpr (IsFuture<std::remove_reference_t<Result>>::value) {
    Result future = std::forward<F>(f)(std::forward<Args>(args)...);
    if (future.valid()) future.wait();
    return future;
  } else {
    return std::forward<F>(f)(std::forward<Args>(args)...);
  }
}

}  // namespace internal

// Calls `f(args...)`, flushes, and returns the result of `f` (of any type, references and move-only
// ones included) or lets its exception through. A future (`std::future`, or a type with `valid`,
// `wait` and `get`) is waited for before the flush, and returned ready.
template <class F, class... Args>
LANGFUSE_INLINE decltype(auto) run_with_flush(F&& f, Args&&... args) {
#if defined(__cpp_exceptions) && !defined(LANGFUSE_DISABLED)
  // Without a handler here, an exception that nothing above catches would not run the guard.
  try {
    return internal::flush_after(std::forward<F>(f), std::forward<Args>(args)...);
  } catch (...) {
    throw;
  }
#else
  return internal::flush_after(std::forward<F>(f), std::forward<Args>(args)...);
#endif
}

// Calls `workflow.run(args...)`, or `workflow(args...)` if it is callable, as `run_with_flush`
// does.
template <class Workflow, class... Args>
LANGFUSE_INLINE decltype(auto) run_workflow_with_flush(Workflow&& workflow, Args&&... args) {
  if constexpr (std::is_invocable<Workflow&, Args...>::value) {
    return run_with_flush(workflow, std::forward<Args>(args)...);
  } else {
    return run_with_flush(
        [&]() -> decltype(auto) { return workflow.run(std::forward<Args>(args)...); });
  }
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/langfuse_stubs.h"
#endif

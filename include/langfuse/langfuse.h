// Start, flush, stop, and what happened: the part of langfuse-cpp that `main` uses.
//
// A program calls `init()` once, then logs and opens observations from any thread (see
// `tracing/observe.h` and `sinks/spdlog_sink.h`). One background thread sends what they produce.
// Everything here may be called at any time from any thread, never throws, and does nothing when
// nothing is configured. Settings are in `config.h`.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "langfuse/callback.h"
#include "langfuse/export.h"

// The version of the library, written here and nowhere else: both build systems read it from this
// file.
#define LANGFUSE_VERSION_MAJOR 0
#define LANGFUSE_VERSION_MINOR 1
#define LANGFUSE_VERSION_PATCH 0

namespace langfuse {
inline namespace LANGFUSE_ABI {

struct Config;

// A length of time given as any `std::chrono` duration; negative counts as zero, and what does not
// fit as for ever. It exists so that this header need not include `<chrono>`.
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
  // What is no number is sorted out before any arithmetic, which a compiler may refuse in a
  // constant.
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

// Why a record was not delivered. Numbers are never reused.
enum class DropReason : std::uint8_t {
  queue_full = 0,   // the queue held `queue_max_records`
  queue_bytes = 1,  // the queue held `queue_max_bytes`
  too_large = 2,    // larger than `record_max_bytes`, or refused alone with 413
  rejected =
      3,  // the server refused it for good (a 4xx that is not about us, our rate or our keys)
  after_shutdown = 4,  // submitted after `shutdown()`
  at_shutdown = 5,     // still undelivered when `shutdown()`, or the exit hook, ran out of time
  reentrant = 6,  // submitted from a signal handler that interrupted a submit on the same thread
  out_of_memory = 7,  // no memory for the record
  outside_scope = 8,  // a log line in no observation, with `drop_lines_outside_scopes`
  no_route = 9,       // a score, and the server that was named takes none and is not Langfuse
  invalid = 10,       // a score that no server would take; a diagnostic named the field
};
constexpr int drop_reason_count = 11;

// The enumerator's name, for instance "queue_full"; never null.
LANGFUSE_API const char* to_string(DropReason reason) noexcept;

// How many records were dropped, by reason.
struct DropCounts {
  std::uint64_t counts[drop_reason_count] = {};

  std::uint64_t operator[](DropReason reason) const noexcept {
    return counts[static_cast<int>(reason)];
  }
  std::uint64_t& operator[](DropReason reason) noexcept { return counts[static_cast<int>(reason)]; }
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts) sum += count;
    return sum;
  }
};

// The last request that did not deliver, of any that the client made.
struct LastError {
  std::string text;                 // one sentence or two, without secrets; empty: there was none
  std::int64_t time_unix_nano = 0;  // ns since the Unix epoch
};

enum class FlushStatus : std::uint8_t {
  ok,       // everything that was submitted before the call is settled: delivered, or dropped and
            // counted
  pending,  // the time was over first, or nothing could change before its end;
            // `FlushResult::pending` records are still held and will be tried again
  not_configured,  // nothing is configured: there was nothing to do
  after_shutdown,  // `shutdown()` came before; nothing is sent any more
  would_deadlock,  // called from a thread of the library (a flush source, `on_error`), which cannot
                   // wait for itself
};

// What a flush did. `delivered` and `dropped` count what was settled since the previous flush
// returned, so that the results of all flushes together count every record once.
struct FlushResult {
  FlushStatus status = FlushStatus::not_configured;
  std::uint64_t delivered = 0;
  DropCounts dropped;
  std::uint64_t pending = 0;  // submitted before the call and not settled when it returned
  std::uint64_t open =
      0;  // observations that have begun and not ended: they are sent when they end, not by a flush
  LastError last_error;  // since `init()`, so that a flush that left something pending says why

  // True unless something that was submitted before the call is still pending.
  bool ok() const noexcept {
    return status != FlushStatus::pending && status != FlushStatus::would_deadlock;
  }
};

// Counters since `init()`. Always, when no call is in flight and the background thread idles:
// `submitted + recovered == delivered + dropped.total() + spooled + queued`.
struct Stats {
  std::uint64_t submitted = 0;  // records offered: ended observations, log lines, scores
  std::uint64_t recovered = 0;  // records read back from an earlier run's disk
  std::uint64_t delivered = 0;  // records that the server accepted
  DropCounts dropped;           // records that are lost, by reason
  std::uint64_t spooled = 0;    // records on disk
  std::uint64_t queued = 0;     // records in memory, the batch on the wire included
  std::uint64_t queued_bytes = 0;
  std::uint64_t sampled_out = 0;      // never submitted: their trace is not in the sample
  std::uint64_t rate_limited = 0;     // never submitted: log lines beyond their sink's limits
  std::uint64_t ignored_updates = 0;  // set through `current_observation()` where there was none
  std::uint64_t held = 0;             // in traces that wait for an error; never submitted so far
  std::uint64_t truncated = 0;        // texts that were cut and marked
  std::uint64_t lost_values = 0;      // of observations: no memory for them; each was reported
  std::uint64_t open = 0;             // observations that have begun and not ended
  std::uint64_t requests = 0;         // HTTP requests that were answered or failed
  std::uint64_t retained_bytes = 0;   // what the queue itself keeps for reuse, at most
  LastError last_error;
};

enum class ErrorCode : std::uint8_t {
  none = 0,
  bad_setting = 1,  // a setting had a value that cannot be used; its default is in force
  disabled = 2,     // a setting had a value that leaves nothing but to switch off (a malformed URL,
                    // half a key pair)
  already_running = 3,  // `init()` while running; the first configuration stays in force
  internal = 4,         // no memory or no thread
};

// All that went wrong in one call: the gravest code, and one problem a line, each naming the
// setting, the bad value (never a secret) and what is accepted. True when there is a problem.
// `init` has printed it already, so it may be ignored.
struct Error {
  ErrorCode code = ErrorCode::none;
  std::string message;

  explicit operator bool() const noexcept { return code != ErrorCode::none; }
};

// Reads the environment (with `config`: what the configuration leaves open), starts the background
// thread and registers the exit hook. Without keys it does nothing and everything else stays a
// no-op. After `shutdown()` it starts anew. May block for some milliseconds. Any thread.
LANGFUSE_API Error init() noexcept;
LANGFUSE_API Error init(const Config& config) noexcept;

// Whether anything will be sent.
LANGFUSE_API bool enabled() noexcept;
// Why not, in words that name the setting; empty when enabled.
LANGFUSE_API std::string why_disabled();

// First runs the registered flush sources, then waits until everything submitted before the call is
// settled, or until `timeout` (default: `Config::flush_timeout`, 10 s) is over. Records that come
// meanwhile from other threads are not waited for. A network fault is reported once through
// `on_error`; the records stay and are tried again. Any thread, any number of times; blocks.
//
// It does not wait in vain. Where the keys are refused, or the next try lies behind the deadline
// because the server named a time or is not Langfuse, it returns at once with what is pending. The
// call without `timeout` waits 2 s at most while the connection is refused or the name is unknown,
// as long as no request of this process was ever answered.
LANGFUSE_API FlushResult flush() noexcept;
LANGFUSE_API FlushResult flush(Timeout timeout) noexcept;

// Flushes (default `Config::shutdown_timeout`, 5 s), then sends nothing any more: what could not be
// sent is dropped as `at_shutdown`, what comes later is counted as `after_shutdown`. Something is
// `pending` in the result only if a callback of the user keeps the background thread. A second call
// waits for the first, and otherwise returns at once. Any thread; blocks.
LANGFUSE_API FlushResult shutdown() noexcept;
LANGFUSE_API FlushResult shutdown(Timeout timeout) noexcept;

LANGFUSE_API Stats stats() noexcept;

// Something that buffers in front of the queue. A flush calls the sources first, in the order of
// registration, on a thread of the library, because they may create records which that same flush
// must deliver. `source` gets the time it has, in nanoseconds; it should return by then. What it
// throws is reported and ignored; one that does not return is named in a diagnostic, skipped until
// it does, and never waited for at exit. Works before `init()` and across a restart. Returns a
// number for `unregister_flush_source`; 0 when `source` is empty or there was no memory.
using FlushSource = Callback<void(std::int64_t)>;
LANGFUSE_API std::uint64_t register_flush_source(const char* name, FlushSource source) noexcept;
// The source is not called again once this returns, unless it is running now. False when there is
// none of that number.
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

// Move-only: what is set on a temporary stays one, so that a chain of setters is an argument.
struct ExitHookOptions {
  SignalSet signals;  // empty: SIGTERM and SIGINT
  std::int64_t timeout_ns =
      0;  // how long a signal may wait for the flush; 0: `Config::exit_timeout`, 2 s
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

// Makes the given signals flush before they end the process, which then dies by that signal, so
// that its wait status stays true. A second signal ends it at once. With `on_signal`, a thread of
// the library calls that instead, and the program ends in its own way (stop accepting, finish what
// is in flight, return from `main`). Signals for which the application has a handler, or which it
// ignores, are left alone and named in the result. Opt-in; POSIX only. Once a process.
LANGFUSE_API Error install_exit_hooks() noexcept;
LANGFUSE_API Error install_exit_hooks(ExitHookOptions options) noexcept;

// A handle on the process-wide client, in the vocabulary of the Python and JavaScript SDKs.
// Stateless: copies are free, and one taken before `init()` works after it.
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

// `flush()` under the name that Python programs use for it.
LANGFUSE_INLINE FlushResult flush_langfuse() noexcept {
  return flush();
}

// Flushes when the scope ends, in whatever way: at the top of a handler that must not return before
// its traces are out. An exception that nothing catches ends the process without unwinding, and
// without this: see `run_with_flush`.
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

// Calls `f(args...)`, flushes, and gives back what it gave back: the same result (of any type,
// references and move-only ones included) or the same exception. A future (`std::future` or
// another of its kind) is waited for before the flush, and given back ready.
template <class F, class... Args>
LANGFUSE_INLINE decltype(auto) run_with_flush(F&& f, Args&&... args) {
#if defined(__cpp_exceptions) && !defined(LANGFUSE_DISABLED)
  // The handler is what makes the guard run when nothing above has one.
  try {
    return internal::flush_after(std::forward<F>(f), std::forward<Args>(args)...);
  } catch (...) {
    throw;
  }
#else
  return internal::flush_after(std::forward<F>(f), std::forward<Args>(args)...);
#endif
}

// The same for a workflow object: `workflow.run(args...)`. A plain callable is called itself.
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

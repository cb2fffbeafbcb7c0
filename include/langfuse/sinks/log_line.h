// The entry for log lines: a sink of any logging library passes them to `submit`.
//
// A line becomes an observation of type `event` below the current observation of the thread that
// logged it. This header depends on no logging library. `spdlog_sink.h` is built on it, and your
// own sink can be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The severities of logging libraries. A severity gives the observation its name (`log.warning`)
// and its level: trace and debug DEBUG, info DEFAULT, warning WARNING, error and critical ERROR.
enum class Severity : std::uint8_t { trace, debug, info, warning, error, critical };

// A value besides the text: of a mapped diagnostic context (MDC), or of structured logging.
struct LineField {
  std::string_view name;
  std::string_view value;
};

// One line. Text is UTF-8, need not be NUL-terminated, and is copied; invalid sequences are
// repaired. The message and the values of fields are masked by `Config::mask`.
struct LogLine {
  Severity severity = Severity::info;
  std::string_view message;
  std::string_view logger;  // the logger's name; empty: left out
  std::string_view file;    // the place in the source; empty: line and function are left out too
  std::string_view function;
  int line = 0;
  std::uint64_t thread_id = 0;      // the logging library's number; 0: left out
  std::int64_t time_unix_nano = 0;  // when it was logged, ns since the Unix epoch; 0: now
  // False when another thread logged the line, or this one did so earlier: an asynchronous logger's
  // worker, a backtrace dump. The current observation is then not its parent.
  bool is_from_here = true;
  // For a line with `is_from_here` false: whether `time_unix_nano` is exact, and `thread_id` is the
  // operating system's number of the thread that read it. Exact means the system clock in its full
  // resolution. The line's parent is then looked up among what that thread had open at that time.
  // Without an exact time, or if the look-up is not certain, the line is marked
  // `context=unresolved`.
  bool has_exact_time = false;
  // Sent as metadata, under their names. A name that the line itself uses (`logger`, `thread`, …)
  // becomes `fields.logger`, for instance. REQUIRES: no name occurs twice.
  const LineField* fields = nullptr;
  std::size_t field_count = 0;
  // See `LineOptions`.
  bool drop_outside_scopes = false;
  bool into_observations = false;
};

// Submits a line. True when it was accepted. False when it was dropped (counted in
// `Stats::dropped`), when its trace is not in the sample (counted in `Stats::sampled_out`), when
// nothing is configured, or when a thread of the library logged it. Any thread; never waits for the
// network; allocates nothing in the steady state, except for a large line.
LANGFUSE_API bool submit(const LogLine& line) noexcept;

// The options of a sink: how many of its lines are sent, and as what.
struct LineOptions {
  // Whether lines outside any observation are dropped and counted as `outside_scope`.
  // `Config::drop_lines_outside_scopes` does so for every sink.
  bool drop_outside_scopes = false;
  // Whether a line becomes text in the metadata `log` of the current observation. That costs no
  // observation of its own. It applies if the thread that logs the line opened that observation;
  // any other line is sent as an event. The text of one observation is cut at
  // `Config::value_max_bytes`.
  bool into_observations = false;
  // The most lines in one second; 0: no limit. At most 16 million. A further line is not sent:
  // `Stats::rate_limited` counts it, and one summary line ("held back 120 lines in 1 s") follows
  // with the first line of a later second, or at a flush.
  std::uint32_t max_per_second = 0;
  // The most lines of one call site in one second, limited and summarised in the same way; 0: no
  // limit. A call site is a file and line. Lines without a source location are grouped by logger,
  // level and text with digits removed. About 1 000 call sites are counted; the lines of any
  // further ones pass.
  std::uint32_t max_per_call_site = 0;
};

namespace internal {
class LineLimits;
}

// Submits the lines of one sink according to its options. It must live as long as the sink.
class LineGate {
 public:
  // Without memory for the limits, none apply.
  LANGFUSE_API explicit LineGate(const LineOptions& options) noexcept;
  LANGFUSE_API ~LineGate();
  LineGate(const LineGate&) = delete;

  // Submits a line as `langfuse::submit` does. False also when a limit holds the line back. Any
  // thread; the limits take no lock.
  LANGFUSE_INLINE bool submit(const LogLine& line) noexcept {
    return is_wide_open_ ? langfuse::submit(line) : submit_by_options(line);
  }

 private:
  LANGFUSE_API bool submit_by_options(const LogLine& line) noexcept;

  const LineOptions options_;
  const bool is_wide_open_;  // no option changes or limits anything
  // Null: no limits. Shared with the flush source, which may still be running when the sink is
  // destroyed.
  std::shared_ptr<internal::LineLimits> limits_;
  std::uint64_t flush_source_ = 0;
};

// Makes the background thread send what is in the queue, without waiting for it. A sink's `flush()`
// calls this. Any thread.
LANGFUSE_API void wake() noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/sinks/log_line_stubs.h"
#endif

// The door for log lines: what a sink of any logging library hands over.
//
// A line becomes an observation of type `event` under the current observation of the thread that
// logged it. This header knows no logging library; `spdlog_sink.h` is built on it, and so is a sink
// of your own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The severities of logging libraries. Names the observation (`log.warning`) and gives its level:
// trace and debug DEBUG, info DEFAULT, warning WARNING, error and critical ERROR.
enum class Severity : std::uint8_t { trace, debug, info, warning, error, critical };

// A value that a logging library keeps beside the text: of a mapped diagnostic context (MDC), or of
// structured logging.
struct LineField {
  std::string_view name;
  std::string_view value;
};

// One line. All text is UTF-8 (repaired where it is not), need not be NUL-terminated, and is
// copied.
struct LogLine {
  Severity severity = Severity::info;
  std::string_view message;
  std::string_view logger;  // the logger's name; empty: left out
  std::string_view file;    // where in the source; empty: left out, with line and function
  std::string_view function;
  int line = 0;
  std::uint64_t thread_id = 0;      // as the logging library numbers it; 0: left out
  std::int64_t time_unix_nano = 0;  // when it was logged, ns since the Unix epoch; 0: now
  // False when the line was not logged by the calling thread, or not now (an asynchronous logger's
  // worker, a dumped backtrace): the current observation is then not its parent.
  bool is_from_here = true;
  // For a line that is not from here: `time_unix_nano` was read from the system clock, in its full
  // resolution, by the thread whose number in the operating system is `thread_id`. Its parent is
  // then looked up among what that thread had open at that time. Where this is false, or the
  // lookup has no certain answer, the line is marked `context=unresolved`.
  bool has_exact_time = false;
  // Metadata, by their names; a name that the line needs itself (`logger`, `thread`, …) becomes
  // `fields.logger`. REQUIRES: no name occurs twice.
  const LineField* fields = nullptr;
  std::size_t field_count = 0;
  // As in `LineOptions`.
  bool drop_outside_scopes = false;
  bool into_observations = false;
};

// Submits a line. True when it was accepted; false when it was dropped (the counters say why), not
// sampled, or nothing is configured. Ignores lines logged by the library's own threads. Any thread;
// never throws, never blocks; one allocation.
LANGFUSE_API bool submit(const LogLine& line) noexcept;

// What a sink may do with its lines before they go to Langfuse: limit how many, and choose where
// they go.
struct LineOptions {
  // Lines outside any observation are dropped and counted, as with
  // `Config::drop_lines_outside_scopes`, which does so for every sink.
  bool drop_outside_scopes = false;
  // A line becomes a text line in the metadata `log` of the observation that is current, if its own
  // thread opened that one, instead of an observation of its own, which costs money. All of them
  // together are cut at `Config::value_max_bytes`. Other lines are events as ever.
  bool into_observations = false;
  // What comes beyond it within one second is held back: counted in `Stats::rate_limited`, and told
  // in one line ("held back 120 lines in 1 s") when the next second's first line comes, or at a
  // flush. 0: no limit. At most 16 million.
  std::uint32_t max_per_second = 0;
  // The same for each call site: file and line, or for lines without them logger, level and text,
  // digits aside. For up to about 1 000 of them; the lines of others pass. 0: no limit.
  std::uint32_t max_per_call_site = 0;
};

namespace internal {
class LineLimits;
}

// Submits the lines of one sink as its options say; lives as long as the sink.
class LineGate {
 public:
  // Without memory for the limits there are none.
  LANGFUSE_API explicit LineGate(const LineOptions& options) noexcept;
  LANGFUSE_API ~LineGate();
  LineGate(const LineGate&) = delete;

  // As `langfuse::submit`; false also for what is held back. Any thread; takes a lock only where
  // limits are set, and then only for the first line held back in a second.
  LANGFUSE_API bool submit(LogLine line) noexcept;

 private:
  const LineOptions options_;
  // Null: none. Shared with the flush source, which may be running when the sink goes.
  std::shared_ptr<internal::LineLimits> limits_;
  std::uint64_t flush_source_ = 0;
};

// Lets the background thread send what is there, without waiting for it: what `flush()` on a sink
// means.
LANGFUSE_API void wake() noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/sinks/log_line_stubs.h"
#endif

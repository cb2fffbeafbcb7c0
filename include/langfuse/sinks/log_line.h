// The door for log lines: what a sink of any logging library hands over.
//
// A line becomes an observation of type `event` under the current observation of the thread that
// logged it. This header knows no logging library; `spdlog_sink.h` is built on it, and so is a sink
// of your own.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/export.h"

namespace langfuse {
inline namespace v0_1 {

// The severities of logging libraries. Names the observation (`log.warning`) and gives its level:
// trace and debug DEBUG, info DEFAULT, warning WARNING, error and critical ERROR.
enum class Severity : std::uint8_t { trace, debug, info, warning, error, critical };

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
  // worker, a dumped backtrace): the current observation is then not its parent, and it is marked
  // `context=unresolved`.
  bool is_from_here = true;
};

// Submits a line. True when it was accepted; false when it was dropped (the counters say why), not
// sampled, or nothing is configured. Ignores lines logged by the library's own threads. Any thread;
// never throws, never blocks; one allocation.
LANGFUSE_API bool submit(const LogLine& line) noexcept;

// Lets the background thread send what is there, without waiting for it: what `flush()` on a sink
// means.
LANGFUSE_API void wake() noexcept;

}  // namespace v0_1
}  // namespace langfuse

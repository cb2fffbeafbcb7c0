// The library's messages about itself: to `Config::on_error`, or on stderr.
//
// They never go through the host's logger, which may be instrumented by us. On stderr a line begins
// with `langfuse: ` and a level word. The first line is written at once; later ones at most one a
// second, with a count of those held back. Debug lines (only with `LANGFUSE_DEBUG`) are not
// limited. A line never waits for the reader of stderr: a line that cannot be written is counted,
// and the next line has the count. Control characters are escaped, lines are cut at 1 024 bytes,
// and the configured secret is blotted out.
//
// `on_error` runs under no lock, and one call at a time: a message that another thread has
// meanwhile is left to the thread that is in it. A forked child keeps the options, and begins anew
// with the rest: what waits for `on_error` is its parent's to say.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "langfuse/config.h"
#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct DiagnosticsOptions {
  std::function<void(const Diagnostic&)> on_error;  // empty: stderr
  bool debug = false;
  std::string secret;                // never shown; empty: none
  const TimeSource* time = nullptr;  // for the limit, borrowed; null: the steady clock
};

// Replaces the options in force. A running call of the old `on_error` ends undisturbed. Any thread,
// also inside `on_error`.
void configure_diagnostics(DiagnosticsOptions options);

// Reports `message` (one sentence, no line break), directly followed by `detail`, so that a handler
// of an exception need not allocate. Any thread, but not in a signal handler; waits for no other
// thread. A report inside `on_error` is ignored. REQUIRES: no lock is held, because `on_error` is
// the user's code.
void report(Diagnostic::Severity severity, std::string_view message,
            std::string_view detail = {}) noexcept;

// Reports a last message. On stderr it is written even within a second of the line before, because
// no later line could count it.
void report_last(Diagnostic::Severity severity, std::string_view message) noexcept;

// Text from outside for such a message, without the secret in force, then cut: see `presentable.h`.
// Any thread; throws only for lack of memory.
std::string shortened(std::string_view words, std::size_t most);

// Writes `message` on stderr if debugging is on.
void report_debug(std::string_view message) noexcept;
bool is_debugging() noexcept;

// True on the library's own threads, and inside `on_error` and other callbacks of the user. Log
// lines from there are ignored, and a flush there does not wait.
bool in_library() noexcept;

// Marks the calling thread as inside the library.
class LibraryScope {
 public:
  LibraryScope() noexcept;
  ~LibraryScope();
  LibraryScope(const LibraryScope&) = delete;
  LibraryScope& operator=(const LibraryScope&) = delete;

 private:
  bool outer_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

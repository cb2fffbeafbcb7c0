// What the library says about itself: to `Config::on_error`, or on stderr.
//
// Never through the host's logger: that may be instrumented by us. On stderr a line begins
// `langfuse: ` and a level word; the first is written at once, later ones at most one a second with
// a count of those held back. Debug lines (only with `LANGFUSE_DEBUG`) are asked for and not
// limited. Control characters are escaped, lines cut at 1 024 bytes, and the configured secret is
// blotted out wherever it occurs.
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
  std::string secret;                // never shown; empty: nothing to hide
  const TimeSource* time = nullptr;  // of the limit, borrowed; null: the steady clock
};

// Replaces what is in force. Any thread.
void configure_diagnostics(DiagnosticsOptions options);

// Says `message` (one sentence, no line break). Any thread but signal handlers; may block while
// another message is written.
void report(Diagnostic::Severity severity, std::string_view message) noexcept;

// Says `message` if debugging is on.
void report_debug(std::string_view message) noexcept;
bool is_debugging() noexcept;

// `message` as it may be shown, by the rules above. Throws only for lack of memory.
std::string presentable(std::string_view message, const std::string& secret);

// True on the library's own threads and inside `on_error` and other callbacks of the user: what
// they log is ignored, and a flush there does not wait.
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

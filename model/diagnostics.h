// What the library says about itself: to `Config::on_error`, or on stderr.
//
// Never through the host's logger: that may be instrumented by us. On stderr a line begins
// `langfuse: ` and a level word; the first is written at once, later ones at most one a second with
// a count of those held back. Debug lines (only with `LANGFUSE_DEBUG`) are asked for and not
// limited. A line never waits for whoever reads stderr: what it does not take is counted, and the
// next line says how much that was. Control characters are escaped, lines cut at 1 024 bytes, and
// the configured secret is blotted out wherever it occurs.
//
// `on_error` runs under no lock, and one call at a time: a thread that has something to say while
// another is in it leaves that to the other and goes on.
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

// Replaces what is in force; a call of the old `on_error` that is under way ends undisturbed. Any
// thread, also inside `on_error`.
void configure_diagnostics(DiagnosticsOptions options);

// Says `message` (one sentence, no line break), and `detail` right behind it: who has caught an
// exception need not allocate to say so. Any thread but signal handlers; waits for nobody. What is
// said inside `on_error` is ignored. REQUIRES: no lock is held, since `on_error` is the user's.
void report(Diagnostic::Severity severity, std::string_view message,
            std::string_view detail = {}) noexcept;

// The same for what closes an account: on stderr it is written however short ago the last line was,
// because no later line may count it.
void report_last(Diagnostic::Severity severity, std::string_view message) noexcept;

// Words of others for such a message, without the secret in force and then cut: see
// `presentable.h`. Any thread; throws only for lack of memory.
std::string shortened(std::string_view words, std::size_t most);

// Says `message` if debugging is on.
void report_debug(std::string_view message) noexcept;
bool is_debugging() noexcept;

// Around a fork. In the child nobody is inside `on_error` but the thread that forked, if it was.
void diagnostics_before_fork() noexcept;
void diagnostics_after_fork_in_parent() noexcept;
void diagnostics_after_fork_in_child() noexcept;

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

// Writes to standard error without ever waiting for its reader.
//
// Used by the diagnostics only. The only code of this room that depends on the operating system.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Writes `line`, which ends with a line break and has at most 2 KiB. False when it was not written
// completely: nothing reads, the pipe is full, the terminal is stopped, or the descriptor does not
// exist. Never blocks, allocates nothing, raises no signal, and leaves the flags of descriptor 2
// alone, which other processes share. Does not use the C library's `stderr`, whose lock may be held
// by a thread that waits for the reader. Any thread.
bool write_to_standard_error(std::string_view line) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

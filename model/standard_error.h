// Standard error, written to without ever waiting for whoever reads it.
//
// Used by the diagnostics alone. The one place of this room that knows the operating system.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Writes `line`, with its line break, at most 2 KiB. False when it was not, or not wholly, written:
// nothing reads, the pipe is full, the terminal is stopped, there is no such descriptor. Never
// blocks, allocates nothing, raises no signal, and leaves the flags of descriptor 2 alone, which
// other processes share. Does not use `stderr` of the C library, whose lock a thread may hold that
// waits for the reader. Any thread.
bool write_to_standard_error(std::string_view line) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

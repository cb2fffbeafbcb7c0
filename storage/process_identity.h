// Which process wrote a segment file, told apart from every other one of the machine, also from a
// later one with the same process id.
#pragma once

#include <array>
#include <cstdint>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct ProcessIdentity {
  std::array<unsigned char, 16> boot_id{};  // of the kernel: new with every start of the machine
  std::uint32_t pid = 0;
  std::uint64_t start_time = 0;  // in clock ticks after the machine's start
  // Random, of this copy of the library in this process: there may be two, and a process that was
  // replaced by `exec` has the same three values above.
  std::uint64_t copy = 0;
};

// Of the calling process; a forked child has its own. Where /proc is not there, boot id and start
// time are 0, which is no process's. Any thread; opens files, does not allocate.
ProcessIdentity this_process() noexcept;

// Whether the process runs on this machine now. True too where that cannot be found out, because
// its files must then be left alone; a zombie has ended.
bool is_running(const ProcessIdentity& process) noexcept;

// Whether it is the calling process, whichever copy of the library. Ditto after an `exec`.
bool is_this_process(const ProcessIdentity& process) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

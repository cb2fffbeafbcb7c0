// What a room in front of the pipeline adds to the check `enabled` of `diagnose()`.
#pragma once

#include <string>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct Remark {
  std::string seen;    // empty: nothing to say
  std::string advice;  // not empty: the check is a warning
};

// Asked by `diagnose()` for the running process, on the thread that calls it, with no lock held.
// Throws only for lack of memory. There is one; the newest is in force. Any thread.
using RemarkSource = Remark (*)();
void set_remark_source(RemarkSource source) noexcept;

// What it says now.
Remark current_remark();

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// A remark that another room adds to the check `enabled` of `diagnose()`.
#pragma once

#include <string>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct Remark {
  std::string seen;    // empty: no remark
  std::string advice;  // not empty: the check is a warning
};

// A function that `diagnose()` calls about the running process, on its caller's thread, with no
// lock held. Throws only for lack of memory. There is one at a time; a new one replaces it. Any
// thread.
using RemarkSource = Remark (*)();
void set_remark_source(RemarkSource source) noexcept;

// The remark of the present source; empty without one.
Remark current_remark();

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

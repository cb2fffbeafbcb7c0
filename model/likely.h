// For the compiler: which way a branch nearly always goes. The code for the other way is kept out
// of the straight run, and made small, not fast. Only where counting showed that it matters.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

inline bool likely(bool claim) noexcept {
  return __builtin_expect(static_cast<long>(claim), 1L) != 0;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

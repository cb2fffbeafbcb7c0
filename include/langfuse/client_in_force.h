// Whether anything is configured, for the public headers: what they would call is not called then.
//
// Not for programs. A plain integer behind the compiler's own atomic operations, because `<atomic>`
// is too heavy for a header that every call site includes.
#pragma once

#include <cstdint>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

#if !defined(LANGFUSE_DISABLED)
// The address of the client in force; 0 when nothing is configured. Another number that is no
// address stands for it until `init()` or the first use. Read it atomically: any thread may.
LANGFUSE_API extern std::uintptr_t client_in_force;

LANGFUSE_INLINE bool is_anything_configured() noexcept {
  // Relaxed: the library looks again, with the order that it needs.
  return __atomic_load_n(&client_in_force, __ATOMIC_RELAXED) != 0;
}
#endif

}  // namespace internal
}  // namespace LANGFUSE_ABI
}  // namespace langfuse

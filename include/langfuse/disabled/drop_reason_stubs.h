// `drop_reason.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/drop_reason.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline const char* to_string(DropReason) noexcept {
  return "";
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

// `tracing/value.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/value.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline void JsonText::append(std::string_view) {}
inline void JsonText::append_string(std::string_view) {}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

// `sinks/log_line.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/sinks/log_line.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline bool submit(const LogLine&) noexcept {
  return false;
}
inline LineGate::LineGate(const LineOptions& options) noexcept
    : options_(options), is_wide_open_(true) {}
inline LineGate::~LineGate() {
  static_cast<void>(flush_source_);  // clang warns of unused members
}
inline bool LineGate::submit_by_options(const LogLine&) noexcept {
  return false;
}
inline void wake() noexcept {}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

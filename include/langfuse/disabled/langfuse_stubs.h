// `langfuse.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline Error init() noexcept {
  return {};
}
inline Error init(const Config&) noexcept {
  return {};
}
inline bool enabled() noexcept {
  return false;
}
inline std::string why_disabled() {
  return "compiled out (LANGFUSE_DISABLED)";
}
inline FlushResult flush() noexcept {
  return {};
}
inline FlushResult flush(Timeout) noexcept {
  return {};
}
inline FlushResult shutdown() noexcept {
  return {};
}
inline FlushResult shutdown(Timeout) noexcept {
  return {};
}
inline Stats stats() noexcept {
  return {};
}
inline std::uint64_t register_flush_source(const char*, FlushSource) noexcept {
  return 0;
}
inline bool unregister_flush_source(std::uint64_t) noexcept {
  return false;
}
inline FlushGuard::~FlushGuard() {
  // clang warns of unused members.
  static_cast<void>(timeout_);
  static_cast<void>(has_timeout_);
}
inline Error install_exit_hooks() noexcept {
  return {};
}
inline Error install_exit_hooks(ExitHookOptions) noexcept {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

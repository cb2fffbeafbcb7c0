// `diagnose.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/diagnose.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline const char* to_string(CheckStatus) noexcept {
  return "";
}
inline const char* to_string(CheckNumber) noexcept {
  return "";
}
// Only one check is made; it fails, and its advice is how to build.
inline Diagnosis diagnose() noexcept {
  Diagnosis diagnosis;
#if defined(__cpp_exceptions)
  try {
#endif
    diagnosis.checks.push_back({CheckNumber::enabled, CheckStatus::failed, why_disabled(),
                                "build without LANGFUSE_DISABLED"});
#if defined(__cpp_exceptions)
  } catch (...) {
    // No memory: no checks, as `Diagnosis::checks` documents.
  }
#endif
  return diagnosis;
}
inline Diagnosis diagnose(Timeout) noexcept {
  return diagnose();
}
inline Diagnosis diagnose(const Config&) noexcept {
  return diagnose();
}
inline Diagnosis diagnose(const Config&, Timeout) noexcept {
  return diagnose();
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

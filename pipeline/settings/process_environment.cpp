#include "pipeline/settings/process_environment.h"

#include <cstdlib>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Programs that run with more rights than their user do not listen to the user's environment.
const char* environment_pointer(const char* name) noexcept {
#if defined(__GLIBC__)
  return secure_getenv(name);
#else
  return std::getenv(name);
#endif
}

std::string_view environment_text(const char* name) noexcept {
  const char* const text = environment_pointer(name);
  return text == nullptr ? std::string_view() : text;
}

bool environment_has_keys() noexcept {
  for (const char* const variable : {"LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"}) {
    const char* const text = environment_pointer(variable);
    if (text == nullptr || *text == '\0') return false;
  }
  return true;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

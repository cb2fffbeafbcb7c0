// The environment of the process. Only this file of the library reads it.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The value of a variable; null when it is not set.
const char* environment_pointer(const char* name) noexcept;

// A variable of the environment; empty when it is not set. A view of the environment itself.
std::string_view environment_text(const char* name) noexcept;

// True if the environment holds a key pair, which suggests that the program forgot to call
// `init()`.
bool environment_has_keys() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

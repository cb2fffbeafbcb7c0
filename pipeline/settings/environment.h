// The environment of the process: read here and nowhere else in the library.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The value of a variable; null when it is not set.
const char* environment_pointer(const char* name) noexcept;

// A variable of the environment; empty when it is not set. A view of the environment itself.
std::string_view environment_text(const char* name) noexcept;

// Whether the environment holds a key pair: what a program means that forgot to call `init()`.
bool environment_has_keys() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

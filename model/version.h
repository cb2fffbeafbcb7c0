// The library's version as text, as servers receive it.
#pragma once

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

#define LANGFUSE_STRINGIFY_TOKEN(token) #token
#define LANGFUSE_STRINGIFY(macro) LANGFUSE_STRINGIFY_TOKEN(macro)
constexpr const char version_text[] =
    LANGFUSE_STRINGIFY(LANGFUSE_VERSION_MAJOR) "." LANGFUSE_STRINGIFY(
        LANGFUSE_VERSION_MINOR) "." LANGFUSE_STRINGIFY(LANGFUSE_VERSION_PATCH);
#undef LANGFUSE_STRINGIFY
#undef LANGFUSE_STRINGIFY_TOKEN

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

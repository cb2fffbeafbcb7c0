// The few macros that every public header needs.
//
// `LANGFUSE_API` marks what the compiled library provides. `LANGFUSE_INLINE` and `LANGFUSE_LOCAL`
// mark what a header defines itself and what calls into the library: hidden when the library is
// linked statically, so that two shared objects which each contain a copy never exchange halves (a
// header-only sink's weak vtable would otherwise carry the lines of one plugin into the project of
// another). With the shared library there is one copy and all is visible.
#pragma once

#if defined(LANGFUSE_SHARED)
#define LANGFUSE_API __attribute__((visibility("default")))
#define LANGFUSE_LOCAL __attribute__((visibility("default")))
#define LANGFUSE_INLINE inline
#else
#define LANGFUSE_API __attribute__((visibility("hidden")))
#define LANGFUSE_LOCAL __attribute__((visibility("hidden")))
#define LANGFUSE_INLINE inline __attribute__((visibility("hidden")))
#endif

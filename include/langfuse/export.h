// The few macros that every public header needs.
//
// `LANGFUSE_API` marks what the compiled library provides. `LANGFUSE_INLINE` and `LANGFUSE_LOCAL`
// mark what a header defines itself and what calls into the library: hidden when the library is
// linked statically, so that two shared objects which each contain a copy never exchange halves (a
// header-only sink's weak vtable would otherwise carry the lines of one plugin into the project of
// another). With the shared library there is one copy and all is visible.
//
// `LANGFUSE_DISABLED` is the user's to define: it compiles the library out. Every header of the
// public face then includes its counterpart below `langfuse/disabled/`, which defines what the
// library would provide, inline and empty, and nothing needs to be linked. `LANGFUSE_ABI` is the
// inline namespace of it all: another one then, so that units with and without never share a name.
#pragma once

#if defined(LANGFUSE_DISABLED)
#define LANGFUSE_ABI v0_1_disabled
#else
#define LANGFUSE_ABI v0_1
#endif

#if defined(LANGFUSE_SHARED) && !defined(LANGFUSE_DISABLED)
#define LANGFUSE_API __attribute__((visibility("default")))
#define LANGFUSE_LOCAL __attribute__((visibility("default")))
#define LANGFUSE_INLINE inline
#else
#define LANGFUSE_API __attribute__((visibility("hidden")))
#define LANGFUSE_LOCAL __attribute__((visibility("hidden")))
#define LANGFUSE_INLINE inline __attribute__((visibility("hidden")))
#endif

// The macros that every public header needs.
//
// `LANGFUSE_API` marks what the compiled library provides. `LANGFUSE_INLINE` and `LANGFUSE_LOCAL`
// mark what a header itself defines and what calls into the library. With the static library these
// are hidden, so two shared objects that each contain a copy never mix the two. (A header-only
// sink's weak vtable could otherwise carry the lines of one plugin into the project of another.)
// With the shared library there is one copy, and all is visible.
//
// `LANGFUSE_DISABLED` is for the user to define: it compiles the library out. Every public header
// then includes its counterpart below `langfuse/disabled/`, which defines the library's functions
// inline and empty, so nothing needs to be linked. The inline namespace `LANGFUSE_ABI` then has
// another name, so that units with and without the macro never share a symbol.
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

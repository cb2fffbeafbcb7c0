// Counts what the calling thread allocates: `malloc` and its like, which `operator new` is built
// on. For glibc; a program that links this has its own `malloc`, so it goes without sanitizers.
#pragma once

#include <cstdint>

namespace langfuse::testing {

// Allocations of this thread since it began.
std::uint64_t thread_allocations() noexcept;

}  // namespace langfuse::testing

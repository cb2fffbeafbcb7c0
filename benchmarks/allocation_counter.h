// Counts what the calling thread allocates: `malloc` and all that is built on it.
#pragma once

#include <cstdint>

namespace langfuse_bench {

// Allocations of this thread since it began.
std::uint64_t thread_allocations() noexcept;

}  // namespace langfuse_bench

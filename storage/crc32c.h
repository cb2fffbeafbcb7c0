// CRC-32C (Castagnoli; RFC 3720 appendix B.4): what tells a record of a segment file that is whole
// from one that is not.
//
// Calculated by the processor's own instruction where it has one: SSE 4.2 on x86-64, the CRC32
// extension on aarch64. Which is asked at the first call, so that one binary runs on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The checksum of what `crc` is the checksum of, followed by these bytes. Starts with 0. Any
// thread, signal handlers too; neither waits nor allocates.
std::uint32_t crc32c(std::uint32_t crc, const void* bytes, std::size_t size) noexcept;

// The same without the instruction, from tables: 2 GB/s instead of 20.
std::uint32_t crc32c_portable(std::uint32_t crc, const void* bytes, std::size_t size) noexcept;

// Whether the processor has the instruction.
bool has_crc32c_instruction() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

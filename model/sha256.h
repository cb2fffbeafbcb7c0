// SHA-256 (FIPS 180-4). Ids that are derived from a seed are the beginning of its hash.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::array<unsigned char, 32> sha256(std::string_view message) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

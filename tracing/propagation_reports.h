// The common part of setting propagated attributes, and of the scopes and headers that carry them.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The prefix of a propagated metadata key in a baggage header.
constexpr std::string_view metadata_member_prefix = "langfuse_metadata_";

// Reports why an attribute is left out.
void report_propagation(std::string_view field, std::string_view problem) noexcept;

// Reports an attribute that finds no memory, and counts it in `Stats::lost_values`.
void report_lost_propagation() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

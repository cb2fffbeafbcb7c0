// What the two halves of propagation share: attributes that are set, and scopes and headers that
// carry them.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What the key of a propagated metadata is in a baggage header, before the key itself.
constexpr std::string_view metadata_member_prefix = "langfuse_metadata_";

// Reports what is wrong with an attribute that is left out.
void report_propagation(std::string_view field, std::string_view problem) noexcept;

// Counted like a value of an observation: what is set here is one of each.
void report_lost_propagation() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The types of observations, by the names that they have on the wire.
#pragma once

#include <cstddef>
#include <iterator>

#include "langfuse/tracing/observe.h"
#include "model/attribute_key.h"
#include "model/attribute_keys.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// In the order of the enumerators.
inline constexpr ConstantAttribute type_attributes[] = {
    {keys::type, "span"},      {keys::type, "generation"}, {keys::type, "event"},
    {keys::type, "embedding"}, {keys::type, "agent"},      {keys::type, "tool"},
    {keys::type, "chain"},     {keys::type, "retriever"},  {keys::type, "evaluator"},
    {keys::type, "guardrail"}};

// What says it on the wire. A number that is no enumerator counts as a span.
inline const ConstantAttribute& type_attribute(ObservationType type) noexcept {
  const auto index = static_cast<std::size_t>(type);
  return type_attributes[index < std::size(type_attributes) ? index : 0];
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

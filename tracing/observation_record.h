// The end of an observation: its state as a finished record.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/tracing/observe.h"
#include "model/attribute_key.h"
#include "storage/record_memory.h"
#include "tracing/observation_state.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What says it on the wire. A number that is no enumerator counts as info.
const ConstantAttribute& level_attribute(Level level) noexcept;

// What an observation without a name is called: the server shows none at all otherwise.
constexpr std::string_view unnamed = "unnamed";

// Encodes the observation as it is, ended at `end_unix_nano`. One allocation.
EncodedRecord encode_observation(const ObservationState& state,
                                 std::int64_t end_unix_nano) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Attributes as keyed pieces, as an observation and a propagated block collect them.
#pragma once

#include <cstddef>

#include "model/attribute_encoder.h"
#include "tracing/bytes/keyed_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Commits an attribute that was written from `begin`, which `pieces` reserved, to `end`. An older
// attribute with the same key is removed.
inline void commit_attribute(KeyedPieces& pieces, const FullKey& key, const char* begin,
                             const char* end) noexcept {
  const std::size_t size = static_cast<std::size_t>(end - begin);
  pieces.commit(0, size, attribute_key_offset({begin, size}), key.text_size());
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

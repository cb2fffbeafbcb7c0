// Attributes as keyed pieces: what an observation and a propagated block gather.
#pragma once

#include <cstddef>

#include "model/attribute_encoder.h"
#include "tracing/bytes/keyed_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Takes over an attribute that was written from `begin`, the room that `pieces` reserved, to `end`,
// and removes the one that had its key.
inline void commit_attribute(KeyedPieces& pieces, const FullKey& key, const char* begin,
                             const char* end) noexcept {
  const std::size_t size = static_cast<std::size_t>(end - begin);
  pieces.commit(0, size, attribute_key_offset({begin, size}), key.text_size());
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

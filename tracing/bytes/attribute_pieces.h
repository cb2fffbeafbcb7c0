// Attributes as keyed pieces, as an observation and a propagated block collect them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/attribute_encoder.h"
#include "tracing/bytes/keyed_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Commits an attribute that was written from `begin`, which `pieces` reserved, to `end`. An older
// attribute with the same key is removed.
inline void commit_attribute(KeyedPieces& pieces, const FullKey& key, const char* begin,
                             const char* end) noexcept {
  const std::string_view attribute(begin, static_cast<std::size_t>(end - begin));
  const std::size_t offset = attribute_key_offset(attribute);
  const std::string_view text = attribute.substr(offset, key.text_size());
  const std::uint8_t bit =
      key.has_users_part() ? bit_of_users_key(text.substr(key.our_part().size())) : key.number();
  pieces.commit(attribute.size(), offset, text.size(), bit);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

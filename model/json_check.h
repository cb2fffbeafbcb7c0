// Checks whether a text is JSON that can be put into a request unchanged.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// True when `text` is one JSON value (RFC 8259) in valid UTF-8, nested at most 128 deep, with
// surrogate escapes in pairs. A batch with a lone surrogate is lost: the server stores nothing of
// it. Never allocates.
bool is_json(std::string_view text) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Whether a text is JSON that may stand inside a request as it is.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// True when `text` is one JSON value (RFC 8259) in valid UTF-8, nested at most 128 deep, with
// surrogate escapes in pairs: the server stores nothing of a batch that holds a lone one. Never
// allocates.
bool is_json(std::string_view text) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

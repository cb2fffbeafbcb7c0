// What a server answers, for a parser that is stricter than JavaScript's. Used wherever the library
// reads a reply.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `text` with what JavaScript's `JSON.parse` takes and strict parsers refuse replaced: bytes that
// are not UTF-8 and lone halves of surrogate pairs by U+FFFD, numbers beyond a double by large
// ones. What is no JSON stays none. Throws only for lack of memory.
std::string readable_json(std::string_view text);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

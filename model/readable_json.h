// Makes a server's JSON readable for a parser that is stricter than JavaScript's. Used wherever the
// library reads a reply.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `text`, with everything replaced that JavaScript's `JSON.parse` accepts and strict parsers
// refuse. Bytes that are not UTF-8 and lone surrogates become U+FFFD; numbers beyond a double
// become large ones. Text that is not JSON remains so. Throws only for lack of memory.
std::string readable_json(std::string_view text);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Decompression by zlib, for tests of what was compressed by something else.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The content of one whole gzip member; "(not gzip)" when `data` is anything else.
std::string gunzip(std::string_view data);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

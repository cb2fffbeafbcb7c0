// Text as a JSON string: quoted, escaped, and repaired to valid UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The exact size of what `write_json_string` writes, quotes included.
std::size_t json_string_size(std::string_view text) noexcept;
// True if `write_json_string` would write `written` for `text`. Needs no memory.
bool is_json_string_of(std::string_view written, std::string_view text) noexcept;
// Returns where the next byte goes.
char* write_json_string(char* out, std::string_view text) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

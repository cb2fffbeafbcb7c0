// Repair of text that a client sent broken, and cutting without breaking it.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace langfuse_receiver {

// `text` with U+FFFD for what is not well-formed UTF-8, surrogates and overlong forms included: one
// for the beginning of a character that was cut, and one for each other byte, as JavaScript decodes
// a body.
std::string repair_utf8(std::string_view text);

// The first `limit` bytes of `text`, cut between two characters.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

}  // namespace langfuse_receiver

// Makes a too large record smaller instead of losing it: small fields always survive, and the
// longest texts are cut.
//
// The only code that reads an encoded span again. It is used where a record proves too large: by
// the encoders (the limit in the settings), by the exporter (a server's 413), and for an open
// observation that holds too much.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Cuts the longest texts of a span (its attributes, name and status message) to one common length,
// so that it takes at most `max_bytes`, and marks them as `Text` does. In place, without
// allocating. Model parameters, usage and cost are cut last: they are JSON objects, which the
// server drops when they are incomplete. Returns how many texts were cut. Returns 0, and changes
// nothing, when the record is small enough, is a score, or would be too large even without its
// texts.
std::size_t cut_record(Record& record, std::size_t max_bytes) noexcept;

// The length to which the texts of `attributes` (laid end to end, as in a span) must be cut so that
// all take at most `max_bytes`; 0 when even short texts take more.
std::size_t longest_fitting_text(std::string_view attributes, std::size_t max_bytes) noexcept;
// Writes one attribute again. A text longer than `longest_text` is cut, marked and counted in
// `cut`. Returns where the next byte goes, which is never behind the end of `attribute`. `out` may
// lie before `attribute` in the same memory.
char* write_cut_attribute(char* out, std::string_view attribute, std::size_t longest_text,
                          std::size_t& cut) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

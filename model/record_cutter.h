// Makes a record smaller that is too large, instead of losing it: small fields always survive, the
// longest texts are cut.
//
// The one place that reads an encoded span again. Used by whoever finds out that a record is too
// large: the encoders, by the limit in the settings, and the exporter, by a server's 413; and for
// the attributes of an observation that holds too much while it is still open.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Cuts the longest texts of a span (its attributes, name and status message) to one common length,
// so that it takes at most `max_bytes`, and marks them as `Text` does; in place, and without
// allocating. Model parameters, usage and cost are cut only where nothing else helps: they are
// JSON objects, which the server drops when they are not whole. Returns how many texts were cut; 0,
// and nothing is changed, when the record is small enough, is a score, or would be too large even
// without its texts.
std::size_t cut_record(Record& record, std::size_t max_bytes) noexcept;

// The longest texts that `attributes`, laid end to end as in a span, may have to take at most
// `max_bytes`; 0 when even short ones take more.
std::size_t longest_fitting_text(std::string_view attributes, std::size_t max_bytes) noexcept;
// Writes one attribute anew, a text longer than `longest_text` cut, marked and added to `cut`.
// Returns where the next byte goes, which is not behind where `attribute` ended. `out` may lie in
// front of `attribute` in the same memory.
char* write_cut_attribute(char* out, std::string_view attribute, std::size_t longest_text,
                          std::size_t& cut) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

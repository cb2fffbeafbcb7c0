// Makes a record smaller that is too large, instead of losing it.
//
// The one place that reads an encoded span again. Used by whoever finds out that a record is too
// large: the encoders, by the limit in the settings, and the exporter, by a server's 413.
#pragma once

#include <cstddef>

#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Cuts the longest texts of a span (its attributes, name and status message) to one common length,
// so that it takes at most `max_bytes`, and marks them as `Text` does; in place, and without
// allocating. Returns how many texts were cut; 0, and nothing is changed, when the record is small
// enough, is a score, or would be too large even without its texts.
std::size_t cut_record(Record& record, std::size_t max_bytes) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

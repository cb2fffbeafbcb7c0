// A log line as a record: which part of it becomes which attribute.
//
// An `event` observation without duration: the message is its input, and what else the logging
// library knows is metadata.
#pragma once

#include <cstdint>
#include <string_view>

#include "langfuse/sinks/log_line.h"
#include "sinks/line_place.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `warning`: the severity, as in the name of the observation.
std::string_view severity_word(Severity severity) noexcept;

// The record of the line at its place, its texts repaired and cut. `number`: of the line, among
// all of the process. REQUIRES: the place is not dropped.
EncodedRecord encode_line(Client& client, const LogLine& line, const LinePlace& place,
                          std::int64_t time_unix_nano, std::uint64_t number) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

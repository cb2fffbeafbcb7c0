// The texts of `langfuse-cpp show` for an observation of `GET /api/public/v2/observations`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/terminal/terminal_text.h"
#include "receiver/base/json_text.h"

namespace langfuse_cli {

// The groups of fields that are read here: the value of the query parameter `fields`.
inline constexpr const char* shown_fields =
    "core,basic,io,metadata,model,usage,metrics,trace_context";

inline constexpr std::size_t type_width = 10;  // of the longest type, in columns

// The member `key`; empty, or 0, if it is missing or of another type.
std::string text_of(const langfuse_receiver::Json& object, const char* key);
double number_of(const langfuse_receiver::Json& object, const char* key);

// In ns since the Unix epoch. The end is computed from `latency`, because `endTime` is cut to
// milliseconds.
std::int64_t start_of(const langfuse_receiver::Json& observation);
std::int64_t end_of(const langfuse_receiver::Json& observation);

// From `from` to `to`, in ns; clamped to 64 bits.
std::int64_t time_between(std::int64_t from, std::int64_t to);

std::string duration_text(std::int64_t nanoseconds);  // "5.00 ms", "2.00 s", "1m 02s"
// A point in time with all of its digits: "+0 ms", "+12 ms", "+65.250 s".
std::string offset_text(std::int64_t nanoseconds);
std::string cost_text(double dollars);

Colour colour_of_type(const std::string& type);
Colour colour_of_level(const std::string& level);

// An event that a sink made of a line, named `log.<level>`.
bool is_log_line(const langfuse_receiver::Json& observation);

// Sorts log lines with the same `time_of` into the order in which the program wrote them.
// Other observations keep their places. REQUIRES: the observations are sorted by `time_of`.
void order_lines(std::vector<langfuse_receiver::Json>& observations,
                 std::int64_t (*time_of)(const langfuse_receiver::Json& observation));

// "send [ERROR]"; the name alone if the level is DEFAULT.
std::string name_with_level(const langfuse_receiver::Json& observation);

// Model, tokens, cost and status message, those that exist.
std::string details_of(const langfuse_receiver::Json& observation);

std::string right_aligned(const std::string& text, std::size_t width);

}  // namespace langfuse_cli

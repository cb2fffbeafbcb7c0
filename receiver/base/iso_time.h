// Points in time as Langfuse writes them in JSON: ISO 8601, UTC, milliseconds.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace langfuse_receiver {

// `2026-08-06T07:06:40.650Z`. The server keeps milliseconds and cuts the rest off.
std::string to_iso_time(std::int64_t unix_nano);

// ns since the Unix epoch of a date and time with `Z` or an offset (`+02:00`), fraction optional; a
// date alone is midnight UTC. Empty if the text is anything else, or a time before 1677-09-21 or
// after 2262-04-11, which 64 bits do not hold.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

// The system clock, ns since the Unix epoch.
std::int64_t now_unix_nano();

}  // namespace langfuse_receiver

// Draws a trace as a tree in the terminal: one line per observation with its place in time, log
// lines among them. Reads what `GET /api/public/v2/observations` answers, from the local receiver
// or from any Langfuse v4 server.

#pragma once

#include <string>
#include <vector>

#include "cli/terminal/terminal_text.h"
#include "receiver/base/json_text.h"

namespace langfuse_cli {

// `observations` are those of one trace, in the order of siblings. Never empty.
std::string draw_trace(const std::vector<langfuse_receiver::Json>& observations,
                       const Palette& palette, std::size_t width);

}  // namespace langfuse_cli

// Draws a trace as a tree in the terminal: one line per observation with its place in time, log
// lines among them. Reads what `GET /api/public/v2/observations` answers, from the local receiver
// or from any Langfuse v4 server.

#pragma once

#include <string>
#include <vector>

#include "cli/terminal_text.h"
#include "receiver/json_text.h"

namespace langfuse_cli {

// The groups that `draw_trace` needs: the value of the query parameter `fields`.
inline constexpr const char* trace_fields = "core,basic,io,model,usage,metrics,trace_context";

// `observations` are those of one trace, in the order in which siblings shall stand. Never empty.
std::string draw_trace(const std::vector<langfuse_receiver::Json>& observations,
                       const Palette& palette, std::size_t width);

}  // namespace langfuse_cli

// `langfuse-cpp import`: sends OTLP JSON, one export request a line, to a server.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command throws `CommandError`, which names file and line, at the first line that was not
// taken. What came before it is on the server, and may be sent again.
void add_import(CommandLine& program);

}  // namespace langfuse_cli

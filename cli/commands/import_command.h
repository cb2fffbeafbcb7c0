// `langfuse-cpp import`: sends OTLP JSON, one export request a line, to a server.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command throws `CommandError`, which names file and line, at the first line that the server
// refused. The lines before it are on the server, and may be sent again.
void add_import(CommandLine& program);

}  // namespace langfuse_cli

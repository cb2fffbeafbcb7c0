// `langfuse-cpp export`: prints traces of the local receiver, for other programs.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command prints to stdout.
void add_export(CommandLine& program);

}  // namespace langfuse_cli

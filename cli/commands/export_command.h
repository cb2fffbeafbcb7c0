// `langfuse-cpp export`: prints what the local receiver has, for other programs.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command prints to stdout.
void add_export(CommandLine& program);

}  // namespace langfuse_cli

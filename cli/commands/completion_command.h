// `langfuse-cpp completion`: prints a script that completes the program's commands in a shell.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command knows all commands that `program` has when it is run.
void add_completion(CommandLine& program);

}  // namespace langfuse_cli

// `langfuse-cpp manual`: prints the manual page.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command knows all commands that `program` has when it is run.
void add_manual(CommandLine& program);

}  // namespace langfuse_cli

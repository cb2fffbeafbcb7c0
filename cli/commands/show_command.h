// `langfuse-cpp show`: reads traces over the public API, draws them in the terminal, and follows
// them.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command prints to stdout. Its status is 1 when there is no such trace; with `--follow` it
// does not return.
void add_show(CommandLine& program);

}  // namespace langfuse_cli

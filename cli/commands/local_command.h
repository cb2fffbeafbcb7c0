// `langfuse-cpp local`: runs the receiver until SIGINT or SIGTERM.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command serves until a signal asks it to stop. REQUIRES: no other thread runs yet when it is
// run, because it blocks the signals for all of them.
void add_local(CommandLine& program);

}  // namespace langfuse_cli

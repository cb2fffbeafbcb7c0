// `langfuse-cpp doctor`: prints the results of the library's `diagnose()`.

#pragma once

namespace langfuse_cli {

class CommandLine;

// The command prints to stdout. Its status is the number of the first check that failed, or 0.
void add_doctor(CommandLine& program);

}  // namespace langfuse_cli

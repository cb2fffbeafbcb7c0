// What `--help` prints, made from the declarations that completion and the manual page are made
// from.

#pragma once

#include <string>

#include "cli/program/command_tree.h"

namespace langfuse_cli {

// `call` is what the user types for it: "langfuse-cpp show". Ends with a line break.
std::string help_page(const CommandFacts& command, const std::string& call);

}  // namespace langfuse_cli

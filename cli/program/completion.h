// `langfuse-cpp completion`: scripts by which a shell completes the program's commands and options.

#pragma once

#include <string>

#include "cli/program/command_tree.h"

namespace langfuse_cli {

// A script for bash, which needs no package for completion beside it.
std::string bash_completion(const CommandFacts& program);

// A script for zsh: the file `_langfuse-cpp` of a folder in `fpath`, or the text for `source`.
std::string zsh_completion(const CommandFacts& program);

}  // namespace langfuse_cli

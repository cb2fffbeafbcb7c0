// The manual page `langfuse-cpp.1`.

#pragma once

#include <string>

#include "cli/program/command_tree.h"

namespace langfuse_cli {

// In the language of man(7). It depends on the program only, not on the day or the machine.
std::string manual_page(const CommandFacts& program);

}  // namespace langfuse_cli

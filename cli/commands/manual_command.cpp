#include "cli/commands/manual_command.h"

#include <cstdio>

#include "cli/program/command_line.h"
#include "cli/program/manual_page.h"

namespace langfuse_cli {

void add_manual(CommandLine& program) {
  program.add("manual", "print the manual page; langfuse-cpp manual | man -l - shows it",
              [&program] {
                std::fputs(manual_page(program.facts()).c_str(), stdout);
                return 0;
              });
}

}  // namespace langfuse_cli

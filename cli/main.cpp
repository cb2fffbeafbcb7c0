// The program `langfuse-cpp`: subcommands for people who use the library.

#include <cstdio>
#include <exception>
#include <string>

#include "cli/commands/completion_command.h"
#include "cli/commands/doctor_command.h"
#include "cli/commands/export_command.h"
#include "cli/commands/import_command.h"
#include "cli/commands/local_command.h"
#include "cli/commands/manual_command.h"
#include "cli/commands/show_command.h"
#include "cli/program/command_line.h"
#include "cli/terminal/command_error.h"

namespace {

constexpr const char* examples =
    "Examples:\n"
    "  langfuse-cpp local --db traces.db         receive traces on http://127.0.0.1:3000\n"
    "  langfuse-cpp show                         draw the newest trace in the terminal\n"
    "  langfuse-cpp show --follow                print what arrives, until Ctrl-C\n"
    "  langfuse-cpp export --all >traces.jsonl   save all traces\n"
    "  langfuse-cpp doctor                       find out why a trace does not arrive\n"
    "\n"
    "langfuse-cpp COMMAND --help describes a command.";

int report(const std::string& problem, int status) {
  std::fprintf(stderr, "langfuse-cpp: error: %s\n", problem.c_str());
  return status;
}

int run(int argc, char** argv) {
  langfuse_cli::CommandLine program("langfuse-cpp",
                                    "receive, show and check what programs send to Langfuse",
                                    LANGFUSE_PROGRAM_VERSION, examples);
  langfuse_cli::add_completion(program);
  langfuse_cli::add_doctor(program);
  langfuse_cli::add_export(program);
  langfuse_cli::add_import(program);
  langfuse_cli::add_local(program);
  langfuse_cli::add_manual(program);
  langfuse_cli::add_show(program);
  return program.run(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = run(argc, argv);
    const bool is_lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
    return is_lost && status == 0 ? report(langfuse_cli::output_lost, 1) : status;
  } catch (const langfuse_cli::CommandError& error) {
    return report(error.what(), error.status());
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}

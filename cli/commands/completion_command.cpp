#include "cli/commands/completion_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include "cli/program/command_line.h"
#include "cli/program/completion.h"

namespace langfuse_cli {
namespace {

constexpr const char* completion_help =
    "Examples:\n"
    "  source <(langfuse-cpp completion bash)    in ~/.bashrc, or for this shell only\n"
    "  source <(langfuse-cpp completion zsh)     in ~/.zshrc, after compinit\n"
    "  langfuse-cpp completion bash >/etc/bash_completion.d/langfuse-cpp";

}  // namespace

void add_completion(CommandLine& program) {
  const auto shell = std::make_shared<std::string>();
  Command completion =
      program.add("completion", "print a script that lets a shell complete commands and options",
                  [&program, shell] {
                    const CommandFacts facts = program.facts();
                    const std::string script =
                        *shell == "bash" ? bash_completion(facts) : zsh_completion(facts);
                    std::fputs(script.c_str(), stdout);
                    return 0;
                  });
  completion.option("shell", *shell, "the shell").required().choices({"bash", "zsh"});
  completion.help(completion_help);
}

}  // namespace langfuse_cli

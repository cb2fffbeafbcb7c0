#include "cli/program/help_page.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace langfuse_cli {
namespace {

// What is explained, and its explanation.
using Rows = std::vector<std::pair<std::string, std::string>>;

// A heading, and a line for each row; nothing where there are no rows.
std::string section(const char* heading, const Rows& rows, std::size_t column) {
  std::string text = rows.empty() ? "" : "\n" + std::string(heading) + ":\n";
  for (const auto& [name, explanation] : rows) {
    text.append("  ").append(name).append(column - name.size(), ' ');
    text.append(explanation).append("\n");
  }
  return text;
}

std::string usage(const CommandFacts& command, const std::string& call) {
  std::string text = "Usage: " + call + (command.commands.empty() ? "" : " command");
  for (const OptionFacts& argument : command.arguments) {
    text += " " + argument.as_usage();
  }
  return text + " [options]\n";
}

}  // namespace

std::string help_page(const CommandFacts& command, const std::string& call) {
  Rows commands;
  for (const CommandFacts& below : command.commands) {
    commands.emplace_back(below.name, below.description);
  }
  Rows arguments;
  for (const OptionFacts& argument : command.arguments) {
    arguments.emplace_back(argument.names.front(), argument.explanation());
  }
  Rows options;
  for (const OptionFacts& option : command.options) {
    std::string names;
    for (const std::string& name : option.names) {
      names += (names.empty() ? "" : ", ") + name;
    }
    options.emplace_back(names + (option.value.empty() ? "" : " " + option.value),
                         option.explanation());
  }
  std::size_t column = 0;
  for (const Rows* rows : {&commands, &arguments, &options}) {
    for (const auto& [name, explanation] : *rows) {
      column = std::max(column, name.size() + 2);
    }
  }
  return call + ": " + command.description + "\n\n" + usage(command, call) +
         section("Commands", commands, column) + section("Arguments", arguments, column) +
         section("Options", options, column) +
         (command.footer.empty() ? "" : "\n" + command.footer + "\n");
}

}  // namespace langfuse_cli

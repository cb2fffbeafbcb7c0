// What `--help` prints of a command.

#include "cli/program/help_page.h"

#include <gtest/gtest.h>

namespace {

using langfuse_cli::CommandFacts;
using langfuse_cli::help_page;
using langfuse_cli::OptionFacts;

OptionFacts option(std::vector<std::string> names, std::string value, std::string description) {
  OptionFacts facts;
  facts.names = std::move(names);
  facts.value = std::move(value);
  facts.description = std::move(description);
  return facts;
}

TEST(HelpPage, HasArgumentsOptionsAndTheTextOfTheCommand) {
  CommandFacts run;
  run.name = "run";
  run.description = "run it";
  run.footer = "Examples:\n  program run x";
  run.arguments = {option({"target"}, "TEXT", "where to"), option({"files"}, "FILE", "what")};
  run.arguments[1].is_repeated = run.arguments[1].is_required = true;
  run.options = {option({"-f", "--fast"}, "", "at once"), option({"--how"}, "WAY", "the way")};
  run.options[1].choices = {"left", "right"};
  run.options[1].by_default = "left";

  EXPECT_EQ(help_page(run, "program run"),
            "program run: run it\n\n"
            "Usage: program run [target] files... [options]\n\n"
            "Arguments:\n"
            "  target      where to\n"
            "  files       what\n\n"
            "Options:\n"
            "  -f, --fast  at once\n"
            "  --how WAY   the way: left, right (default: left)\n\n"
            "Examples:\n"
            "  program run x\n");
}

TEST(HelpPage, OfTheProgramHasItsCommands) {
  CommandFacts run;
  run.name = "run";
  run.description = "run it";
  CommandFacts program;
  program.description = "does things";
  program.commands = {run};

  EXPECT_EQ(help_page(program, "program"),
            "program: does things\n\n"
            "Usage: program command [options]\n\n"
            "Commands:\n"
            "  run  run it\n");
}

}  // namespace

// The command line: commands that declare their own options, and the errors in what was typed.
//
// A file of `commands/` adds its command and declares its options beside the code that reads them.
// The help, completion and the manual page come from these declarations. `command_line.cpp` is the
// only file of the program that includes CLI11.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/program/command_tree.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace langfuse_cli {

// An option or an argument while it is declared. Each call changes it and returns it.
class DeclaredOption {
 public:
  explicit DeclaredOption(CLI::Option& option) : option_(&option) {}

  // The word for the value in the help. For "FILE", completion offers files.
  DeclaredOption& value(const char* name);
  DeclaredOption& required();
  // The help shows the value that the target has now.
  DeclaredOption& with_default();

  DeclaredOption& choices(std::vector<std::string> words);
  DeclaredOption& range(int least, int most);
  // A number of bytes, also written "500MB" or "2 GiB".
  DeclaredOption& size();
  // `complaint` returns what is wrong with a value; empty if it is right.
  DeclaredOption& check(std::string (*complaint)(const std::string& value));

  DeclaredOption& excludes(const DeclaredOption& other);
  DeclaredOption& needs(const DeclaredOption& other);

 private:
  CLI::Option* option_;
};

// A command while it is declared. The targets of its options must live until `CommandLine::run` has
// returned.
class Command {
 public:
  explicit Command(CLI::App& command) : command_(&command) {}

  // `names`: "--follow,-f", or without dashes the name of an argument. `Target` is `int`, `double`,
  // `std::int64_t`, `std::string` or `std::vector<std::string>`; the last takes several values.
  template <typename Target>
  DeclaredOption option(const char* names, Target& target, const char* description);

  DeclaredOption flag(const char* names, bool& target, const char* description);
  DeclaredOption flag(const char* names, const char* description);  // a word for the default

  // Lines below the options in `--help` and in the manual page.
  void help(const std::string& text);

 private:
  CLI::App* command_;
};

class CommandLine {
 public:
  // `examples` stand below the commands in `--help`.
  CommandLine(const char* name, const char* description, const char* version, const char* examples);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `run` is called if the command line names the command; it returns the program's status. The
  // help lists the commands in the order in which they are added.
  Command add(const char* name, const char* description, std::function<int()> run);

  CommandFacts facts() const;

  // Parses the words and runs the command. Returns the program's status. Throws `CommandError`,
  // with status 2 if the words are wrong.
  int run(int argc, char** argv);

 private:
  std::string complaint_about_command(int argc, char** argv) const;
  std::string complaint_about_rest() const;  // words that belong to nothing
  std::string call() const;                  // the program, and the command that is wanted

  std::unique_ptr<CLI::App> app_;
  std::vector<std::pair<std::string, std::function<int()>>> commands_;
};

}  // namespace langfuse_cli

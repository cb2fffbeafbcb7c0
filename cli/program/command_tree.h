// The program's commands and options as data: what completion and the manual page are made from.

#pragma once

#include <string>
#include <vector>

namespace langfuse_cli {

struct OptionFacts {
  std::vector<std::string> names;    // "-f", "--follow"; of an argument without dashes: one name
  std::string value;                 // "FILE", "SECONDS"; empty: takes none
  std::vector<std::string> choices;  // the only values; empty: any
  std::string by_default;            // empty: none, or not worth a word
  std::string description;
  bool is_repeated = false;  // takes several values: files of `import`

  bool is_file() const { return value == "FILE"; }
};

struct CommandFacts {
  std::string name;
  std::string description;
  std::string footer;                  // what `--help` says below the options; lines
  std::vector<OptionFacts> options;    // begin with dashes
  std::vector<OptionFacts> arguments;  // do not; in their order
  std::vector<CommandFacts> commands;
};

}  // namespace langfuse_cli

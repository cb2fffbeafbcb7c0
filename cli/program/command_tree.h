// The program's commands and options as data: what help, completion and the manual page are made
// from.

#pragma once

#include <string>
#include <vector>

namespace langfuse_cli {

struct OptionFacts {
  std::vector<std::string> names;    // "-f", "--follow"; of an argument without dashes: one name
  std::string value;                 // "FILE", "SECONDS"; empty: takes none
  std::vector<std::string> choices;  // the only values; empty: any
  std::string by_default;            // empty: none, or the description has it
  std::string description;
  bool is_repeated = false;  // takes several values: files of `import`
  bool is_required = false;

  bool is_file() const { return value == "FILE"; }

  // Of an argument, as a synopsis shows it: "[trace]", "files...".
  std::string as_usage() const {
    const std::string name = names.front() + (is_repeated ? "..." : "");
    return is_required ? name : "[" + name + "]";
  }

  // The description, the choices and the default: "how to print: json, text (default: text)".
  std::string explanation() const {
    std::string text = description;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      text += (i == 0 ? ": " : ", ") + choices[i];
    }
    return text + (by_default.empty() ? "" : " (default: " + by_default + ")");
  }
};

struct CommandFacts {
  std::string name;
  std::string description;
  std::string footer;                  // the lines below the options in `--help`
  std::vector<OptionFacts> options;    // begin with dashes
  std::vector<OptionFacts> arguments;  // do not; in their order
  std::vector<CommandFacts> commands;
};

}  // namespace langfuse_cli

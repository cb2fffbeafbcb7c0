#include "cli/program/completion.h"

namespace langfuse_cli {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : between) + word;
  }
  return text;
}

std::vector<std::string> names_of(const std::vector<CommandFacts>& commands) {
  std::vector<std::string> names;
  for (const CommandFacts& command : commands) {
    names.push_back(command.name);
  }
  return names;
}

// What may stand for a word of the command line that begins no value.
std::vector<std::string> words_of(const CommandFacts& command) {
  std::vector<std::string> words = names_of(command.commands);
  for (const OptionFacts& argument : command.arguments) {
    words.insert(words.end(), argument.choices.begin(), argument.choices.end());
  }
  for (const OptionFacts& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
  }
  return words;
}

// The arm of `case` for the values of one option, behind `local --db` for instance.
std::string bash_values(const CommandFacts& command, const OptionFacts& option) {
  std::vector<std::string> patterns;
  for (const std::string& name : option.names) {
    patterns.push_back("\"" + command.name + " " + name + "\"");
  }
  std::string action;
  if (option.is_file()) {
    action = "_langfuse_cpp_files; ";
  } else if (!option.choices.empty()) {
    action = "COMPREPLY=($(compgen -W '" + joined(option.choices, " ") + "' -- \"$current\")); ";
  }
  return "    " + joined(patterns, "|") + ") " + action + "return ;;\n";
}

std::string bash_words(const CommandFacts& command, const std::string& name) {
  std::string action = "words='" + joined(words_of(command), " ") + "'";
  for (const OptionFacts& argument : command.arguments) {
    action += argument.is_file() ? "; files=yes" : "";
  }
  return "    " + name + ") " + action + " ;;\n";
}

// For one pair of single quotes, within the brackets of `_arguments` or behind the colon of
// `_describe`.
std::string zsh_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else {
      escaped +=
          c == '[' || c == ']' || c == ':' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
  }
  return escaped;
}

std::string zsh_value(const OptionFacts& option) {
  const std::string action = option.is_file()         ? "_files"
                             : option.choices.empty() ? " "
                                                      : "(" + joined(option.choices, " ") + ")";
  return ":" + zsh_text(option.value) + ":" + action;
}

// The arguments of `_arguments`, one a line.
std::string zsh_specifications(const CommandFacts& command, const std::string& indentation) {
  std::string text;
  for (const OptionFacts& option : command.options) {
    for (const std::string& name : option.names) {
      text += " \\\n" + indentation + "'(" + joined(option.names, " ") + ")" + name + "[" +
              zsh_text(option.description) + "]" + (option.value.empty() ? "" : zsh_value(option)) +
              "'";
    }
  }
  for (const OptionFacts& argument : command.arguments) {
    text += " \\\n" + indentation + (argument.is_repeated ? "'*" : "'") + zsh_value(argument) + "'";
  }
  return text;
}

}  // namespace

std::string bash_completion(const CommandFacts& program) {
  std::string values;
  std::string words = bash_words(program, "''");
  for (const CommandFacts& command : program.commands) {
    for (const OptionFacts& option : command.options) {
      values += option.value.empty() ? "" : bash_values(command, option);
    }
    words += bash_words(command, command.name);
  }
  return "# Completion of the program langfuse-cpp for bash; made by `langfuse-cpp completion "
         "bash`.\n"
         // Names with spaces are one word each.
         "_langfuse_cpp_files() { local IFS=$'\\n'; COMPREPLY+=($(compgen -f -- \"$current\")); }\n"
         "_langfuse_cpp() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" command='' words='' files='' word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$word\" in\n"
         "      " +
         joined(names_of(program.commands), "|") +
         ") command=\"$word\"; break ;;\n"
         "    esac\n"
         "  done\n"
         "  COMPREPLY=()\n"
         "  case \"$command ${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
         values +
         "  esac\n"
         "  case \"$command\" in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  if [ -n \"$files\" ]; then _langfuse_cpp_files; fi\n"
         "}\n"
         "complete -o filenames -F _langfuse_cpp langfuse-cpp\n";
}

std::string zsh_completion(const CommandFacts& program) {
  std::string descriptions;
  std::string arms;
  for (const CommandFacts& command : program.commands) {
    descriptions +=
        "        '" + zsh_text(command.name) + ":" + zsh_text(command.description) + "'\n";
    arms += "        " + command.name + ")\n          _arguments" +
            zsh_specifications(command, "            ") + "\n          ;;\n";
  }
  return "#compdef langfuse-cpp\n"
         "# Completion of the program langfuse-cpp for zsh; made by `langfuse-cpp completion "
         "zsh`.\n"
         "_langfuse-cpp() {\n"
         "  local state line\n"
         "  _arguments -C" +
         zsh_specifications(program, "    ") +
         " \\\n"
         "    '1:command:->command' \\\n"
         "    '*::argument:->arguments'\n"
         "  case $state in\n"
         "    command)\n"
         "      local -a commands=(\n" +
         descriptions +
         "      )\n"
         "      _describe command commands\n"
         "      ;;\n"
         "    arguments)\n"
         "      case $words[1] in\n" +
         arms +
         "      esac\n"
         "      ;;\n"
         "  esac\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _langfuse-cpp ]; then _langfuse-cpp \"$@\"; else compdef "
         "_langfuse-cpp langfuse-cpp; fi\n";
}

}  // namespace langfuse_cli

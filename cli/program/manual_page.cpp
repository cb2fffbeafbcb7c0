#include "cli/program/manual_page.h"

#include <algorithm>
#include <string_view>

namespace langfuse_cli {
namespace {

// Text of a line: troff takes no character of it for a command or a typographic dash.
std::string text(const std::string& plain) {
  std::string escaped;
  for (const char c : plain) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return !escaped.empty() && (escaped.front() == '.' || escaped.front() == '\'') ? "\\&" + escaped
                                                                                 : escaped;
}

// As it is, line by line.
std::string verbatim(const std::string& lines) {
  std::string block = ".PP\n.nf\n";
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    block += text(lines.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return block + ".fi\n";
}

std::string bold(const std::string& plain) {
  return "\\fB" + text(plain) + "\\fR";
}

std::string italic(const std::string& plain) {
  return "\\fI" + text(plain) + "\\fR";
}

std::string entry(const OptionFacts& option, bool has_dashes) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "" : ", ") + (has_dashes ? bold(name) : italic(name));
  }
  if (has_dashes && !option.value.empty()) {
    names += " " + italic(option.value);
  }
  return ".TP\n" + names + "\n" + text(option.explanation()) + "\n";
}

std::string section(const CommandFacts& command) {
  std::string synopsis = bold("langfuse-cpp " + command.name);
  for (const OptionFacts& argument : command.arguments) {
    synopsis += " " + italic(argument.as_usage());
  }
  std::string page =
      ".SS " + synopsis + " [" + italic("options") + "]\n" + text(command.description) + "\n";
  for (const OptionFacts& argument : command.arguments) {
    page += entry(argument, false);
  }
  for (const OptionFacts& option : command.options) {
    page += entry(option, true);
  }
  return page + (command.footer.empty() ? "" : verbatim(command.footer));
}

constexpr const char* environment =
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBLANGFUSE_BASE_URL\\fR\nThe address of the server, for all commands but "
    "\\fBlocal\\fR.\n"
    ".TP\n\\fBLANGFUSE_PUBLIC_KEY\\fR, \\fBLANGFUSE_SECRET_KEY\\fR\nThe keys of the project "
    "there.\n"
    ".TP\n\\fBLANGFUSE_*\\fR\nThe library's other settings, for \\fBdoctor\\fR.\n"
    ".TP\n\\fBNO_COLOR\\fR\nIf it is set, there are no colours.\n"
    ".TP\n\\fBCOLUMNS\\fR\nThe width of the output if it goes to no terminal.\n";

}  // namespace

std::string manual_page(const CommandFacts& program) {
  std::string page =
      "'\\\" Made by `langfuse-cpp manual`; a test compares.\n"
      ".TH LANGFUSE-CPP 1 \"\" \"\" \"User Commands\"\n"
      ".SH NAME\nlangfuse\\-cpp \\- " +
      text(program.description) +
      "\n"
      ".SH SYNOPSIS\n" +
      bold("langfuse-cpp") + " " + italic("command") + " [" + italic("options") +
      "]\n"
      ".SH COMMANDS\n";
  for (const CommandFacts& command : program.commands) {
    page += section(command);
  }
  page += ".SH OPTIONS\n";
  for (const OptionFacts& option : program.options) {
    page += entry(option, true);
  }
  constexpr std::string_view heading = "Examples:\n";
  const bool has_heading = program.footer.compare(0, heading.size(), heading) == 0;
  return page + environment + ".SH EXAMPLES\n" +
         verbatim(program.footer.substr(has_heading ? heading.size() : 0));
}

}  // namespace langfuse_cli

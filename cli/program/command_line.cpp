#include "cli/program/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "cli/program/help_page.h"
#include "cli/terminal/command_error.h"

namespace langfuse_cli {
namespace {

constexpr int status_wrong_usage = 2;

// The choices of an option, which only the description of its check still knows: "TEXT:{bash,zsh}".
std::vector<std::string> choices_of(const std::string& type_name) {
  std::vector<std::string> choices;
  const std::size_t open = type_name.find('{');
  const std::size_t close = type_name.find('}');
  if (open == std::string::npos || close == std::string::npos) {
    return choices;
  }
  for (std::size_t at = open + 1; at <= close;) {
    const std::size_t end = std::min(type_name.find(',', at), close);
    choices.push_back(type_name.substr(at, end - at));
    at = end + 1;
  }
  return choices;
}

OptionFacts facts_of(const CLI::Option& option) {
  OptionFacts facts;
  for (const std::string& name : option.get_snames()) {
    facts.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    facts.names.push_back("--" + name);
  }
  if (facts.names.empty()) {
    facts.names.push_back(option.get_name());
  }
  const std::string type_name = option.get_type_name();
  facts.value =
      option.get_items_expected_max() == 0 ? "" : type_name.substr(0, type_name.find(':'));
  facts.choices = choices_of(type_name);
  facts.by_default = option.get_default_str();
  facts.description = option.get_description();
  facts.is_repeated = option.get_items_expected_max() > 1;
  facts.is_required = option.get_required();
  return facts;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

CommandFacts facts_of(const CLI::App& command) {
  CommandFacts facts;
  facts.name = command.get_name();
  facts.description = command.get_description();
  facts.footer = command.get_footer();
  for (const CLI::Option* option : command.get_options()) {
    (option->nonpositional() ? facts.options : facts.arguments).push_back(facts_of(*option));
  }
  for (const CLI::App* below : commands_of(command)) {
    facts.commands.push_back(facts_of(*below));
  }
  return facts;
}

}  // namespace

DeclaredOption& DeclaredOption::value(const char* name) {
  option_->type_name(name);
  return *this;
}

DeclaredOption& DeclaredOption::required() {
  option_->required();
  return *this;
}

DeclaredOption& DeclaredOption::with_default() {
  option_->capture_default_str();
  return *this;
}

DeclaredOption& DeclaredOption::choices(std::vector<std::string> words) {
  std::string list;
  std::string wanted;
  for (const std::string& word : words) {
    list += (list.empty() ? "" : ",") + word;
    wanted += (wanted.empty() ? "" : " or ") + word;
  }
  option_->check(
      [words = std::move(words), wanted](const std::string& value) {
        const bool is_right = std::find(words.begin(), words.end(), value) != words.end();
        return is_right ? std::string() : "expected " + wanted + ", got " + value;
      },
      "{" + list + "}");
  return *this;
}

DeclaredOption& DeclaredOption::range(int least, int most) {
  option_->check(
      [least, most](const std::string& value) {
        int number = 0;
        const bool is_right =
            CLI::detail::lexical_cast(value, number) && number >= least && number <= most;
        return is_right ? std::string()
                        : "expected a number from " + std::to_string(least) + " to " +
                              std::to_string(most) + ", got " + value;
      },
      "");
  return *this;
}

DeclaredOption& DeclaredOption::size() {
  // CLI11 would list all the units that it knows.
  option_->transform(CLI::Validator(
      [](std::string& value) {
        const std::string given = value;
        try {
          CLI::AsSizeValue(false)(value);
          return std::string();
        } catch (const CLI::ValidationError&) {
          return "expected a size, 500MB for instance, got " + given;
        }
      },
      ""));
  return *this;
}

DeclaredOption& DeclaredOption::check(std::string (*complaint)(const std::string& value)) {
  option_->check(complaint, "");
  return *this;
}

DeclaredOption& DeclaredOption::excludes(const DeclaredOption& other) {
  option_->excludes(other.option_);
  return *this;
}

DeclaredOption& DeclaredOption::needs(const DeclaredOption& other) {
  option_->needs(other.option_);
  return *this;
}

template <typename Target>
DeclaredOption Command::option(const char* names, Target& target, const char* description) {
  return DeclaredOption(*command_->add_option(names, target, description));
}

template DeclaredOption Command::option(const char*, int&, const char*);
template DeclaredOption Command::option(const char*, double&, const char*);
template DeclaredOption Command::option(const char*, std::int64_t&, const char*);
template DeclaredOption Command::option(const char*, std::string&, const char*);
template DeclaredOption Command::option(const char*, std::vector<std::string>&, const char*);

DeclaredOption Command::flag(const char* names, bool& target, const char* description) {
  return DeclaredOption(*command_->add_flag(names, target, description));
}

DeclaredOption Command::flag(const char* names, const char* description) {
  const std::string text = description;  // one that is not const would be the flag's target
  return DeclaredOption(*command_->add_flag(names, text));
}

void Command::help(const std::string& text) {
  command_->footer(text);
}

CommandLine::CommandLine(const char* name, const char* description, const char* version,
                         const char* examples)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->set_help_flag("-h,--help", "print this help");
  app_->set_version_flag("--version", std::string(name) + " " + version, "print the version");
  app_->require_subcommand(0, 1);
  app_->footer(examples);
}

CommandLine::~CommandLine() = default;

Command CommandLine::add(const char* name, const char* description, std::function<int()> run) {
  commands_.emplace_back(name, std::move(run));
  return Command(*app_->add_subcommand(name, description)->footer(""));
}

CommandFacts CommandLine::facts() const {
  return facts_of(*app_);
}

// CLI11 would report an unknown command as an unexpected argument. Empty where it is known.
std::string CommandLine::complaint_about_command(int argc, char** argv) const {
  if (argc < 2 || argv[1][0] == '-') {
    return {};
  }
  const std::string wanted = argv[1];
  std::string names;
  for (const CLI::App* command : commands_of(*app_)) {
    if (command->get_name() == wanted) {
      return {};
    }
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return "there is no subcommand \"" + wanted + "\"; there are: " + names;
}

// CLI11 would list them from the last to the first.
std::string CommandLine::complaint_about_rest() const {
  const std::string word = app_->remaining(true).front();
  return word.rfind('-', 0) == 0 ? "there is no option " + word
                                 : '"' + word + "\" is one word too many";
}

std::string CommandLine::call() const {
  const std::vector<CLI::App*> wanted = app_->get_subcommands();
  return app_->get_name() + (wanted.empty() ? "" : " " + wanted.front()->get_name());
}

int CommandLine::run(int argc, char** argv) {
  const auto wrong_usage = [this](const std::string& complaint) {
    return CommandError(complaint + " (see " + call() + " --help)", status_wrong_usage);
  };
  if (const std::string complaint = complaint_about_command(argc, argv); !complaint.empty()) {
    throw wrong_usage(complaint);
  }
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> wanted = app_->get_subcommands();
    const CLI::App& command = wanted.empty() ? *app_ : *wanted.front();
    std::fputs(help_page(facts_of(command), call()).c_str(), stdout);
    return 0;
  } catch (const CLI::CallForVersion& version) {
    return app_->exit(version);
  } catch (const CLI::ExtrasError&) {
    throw wrong_usage(complaint_about_rest());
  } catch (const CLI::ParseError& error) {
    throw wrong_usage(error.what());
  }
  for (const auto& [name, run_it] : commands_) {
    if (app_->got_subcommand(name)) {
      return run_it();
    }
  }
  std::fputs(help_page(facts(), call()).c_str(), stderr);
  return status_wrong_usage;
}

}  // namespace langfuse_cli

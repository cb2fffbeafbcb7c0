// The program `langfuse`: subcommands for people who use the library.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>

#include "cli/commands/doctor_command.h"
#include "cli/commands/export_command.h"
#include "cli/commands/import_command.h"
#include "cli/commands/local_command.h"
#include "cli/commands/show_command.h"
#include "cli/program/command_tree.h"
#include "cli/program/completion.h"
#include "cli/program/manual_page.h"
#include "cli/terminal/command_error.h"

namespace {

constexpr int status_wrong_usage = 2;

constexpr const char* examples =
    "Examples:\n"
    "  langfuse local                        receive traces on http://127.0.0.1:3000, keep them in "
    "memory\n"
    "  langfuse local --db traces.db         keep them in a file\n"
    "  langfuse local --port 0               let the system choose the port\n"
    "  langfuse show                         draw the newest trace in the terminal\n"
    "  langfuse show --follow                print what arrives, until Ctrl-C\n"
    "  langfuse export --all >traces.jsonl   save them; langfuse import traces.jsonl brings them "
    "back\n"
    "  langfuse export --all --format chrome >trace.json    open it in https://ui.perfetto.dev\n"
    "  langfuse doctor                       find out why a trace does not arrive\n"
    "  langfuse doctor --pid 4711            the same with the settings of a running process\n"
    "  source <(langfuse completion bash)    complete commands and options in this shell\n"
    "\n"
    "langfuse COMMAND --help has more of each.";

constexpr const char* local_examples =
    "Prints the three lines that a program needs in its environment. Any Langfuse SDK and any "
    "OTLP\n"
    "exporter over HTTP may send to it; only this machine can.\n"
    "\n"
    "Examples:\n"
    "  langfuse local                        on port 3000, in memory\n"
    "  langfuse local --open                 the same, and its page in a browser\n"
    "  langfuse local --db traces.db         what arrives is still there tomorrow\n"
    "  langfuse local --db traces.db --max-traces 10000 --max-bytes 2GB\n"
    "  langfuse local --port 0               let the system choose the port\n"
    "  langfuse local --keys pk-lf-a:sk-lf-b";

constexpr const char* show_examples =
    "Reads LANGFUSE_BASE_URL, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY; without them it asks "
    "the\n"
    "local receiver. Other servers must be Langfuse 4 or newer. --follow finds what ran for up to "
    "ten\n"
    "minutes; of one trace it finds all.\n"
    "\n"
    "Examples:\n"
    "  langfuse show                         the newest trace\n"
    "  langfuse show 7d1f0c52a9be4e0d8a36c1f2b4e5d607\n"
    "  langfuse show --all --json | jq '.[].name'\n"
    "  langfuse show --follow                every observation and log line as it arrives\n"
    "  langfuse show --follow | grep -i error\n"
    "  langfuse show --url https://cloud.langfuse.com";

constexpr const char* completion_examples =
    "Examples:\n"
    "  source <(langfuse completion bash)    in this shell, or in ~/.bashrc\n"
    "  langfuse completion bash > /etc/bash_completion.d/langfuse\n"
    "  source <(langfuse completion zsh)     in ~/.zshrc, behind compinit";

int report(const std::string& problem, int status) {
  std::fprintf(stderr, "langfuse: error: %s\n", problem.c_str());
  return status;
}

// The choices of `CLI::IsMember`, which only its description still knows: "TEXT:{bash,zsh}".
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

langfuse_cli::OptionFacts facts_of(const CLI::Option& option) {
  langfuse_cli::OptionFacts facts;
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
  return facts;
}

langfuse_cli::CommandFacts facts_of(const CLI::App& command) {
  langfuse_cli::CommandFacts facts;
  facts.name = command.get_name();
  facts.description = command.get_description();
  facts.footer = command.get_footer();
  for (const CLI::Option* option : command.get_options()) {
    (option->nonpositional() ? facts.options : facts.arguments).push_back(facts_of(*option));
  }
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    facts.commands.push_back(facts_of(*below));
  }
  return facts;
}

// CLI11 would report an unknown subcommand as an unexpected argument. Empty where it is known, else
// what to say.
std::string complaint_about_subcommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') {
    return {};
  }
  const std::string wanted = argv[1];
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == wanted) {
      return {};
    }
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return "there is no subcommand \"" + wanted + "\"; there are: " + names +
         " (see langfuse --help)";
}

// `CLI::PositiveNumber` names a limit of 300 digits, and lets NaN through.
std::string complaint_about_number(const std::string& text, double most, const char* wanted) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool is_right = end != text.c_str() && *end == '\0' && number > 0 && number <= most;
  return is_right ? std::string() : std::string("expected ") + wanted + ", got " + text;
}

std::string complaint_about_count(const std::string& text) {
  return complaint_about_number(text, std::numeric_limits<double>::max(), "a number above 0");
}

std::string complaint_about_seconds(const std::string& text) {
  constexpr double day = 86'400;
  return complaint_about_number(text, day, "seconds above 0 and up to 86400");
}

void add_completion(CLI::App& app, std::string& shell) {
  CLI::App* completion =
      app.add_subcommand("completion", "print a script that completes commands in a shell");
  completion->add_option("shell", shell, "the shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->footer(completion_examples);
}

// "64MB" and "2 GiB" are understood, too.
void add_retention(CLI::App& local, langfuse_cli::LocalOptions& options) {
  local
      .add_option("--max-traces", options.max_traces,
                  "keep at most so many traces; those written to longest ago go")
      ->check(complaint_about_count, "")
      ->type_name("NUMBER");
  local
      .add_option("--max-bytes", options.max_bytes,
                  "keep the data below this size, for instance 500MB")
      ->transform(CLI::AsSizeValue(false))
      ->check(complaint_about_count, "")
      ->type_name("SIZE");
}

void add_local(CLI::App& app, langfuse_cli::LocalOptions& options) {
  CLI::App* local = app.add_subcommand("local", "receive traces on this machine and show them");
  local->add_option("--port", options.port, "port on 127.0.0.1; 0 lets the system choose")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  // An empty name, from a variable that is not set for instance, must not mean "in memory".
  CLI::Option* database =
      local->add_option("--db", options.database, "keep the data in this file (SQLite)")
          ->type_name("FILE")
          ->check(
              [](const std::string& file) {
                return file.empty() ? std::string("the name of the file is empty") : std::string();
              },
              "");
  local->add_flag("--memory", "keep the data in memory only (the default)")->excludes(database);
  local->add_option("--keys", options.keys, "the keys that clients must use: PUBLIC:SECRET")
      ->type_name("KEYS")
      ->capture_default_str();
  add_retention(*local, options);
  local->add_flag("--open", options.open, "show the page in a browser");
  local->footer(local_examples);
}

void add_export(CLI::App& app, langfuse_cli::ExportOptions& options) {
  CLI::App* command =
      app.add_subcommand("export", "print traces of the local receiver in another format");
  CLI::Option* trace = command->add_option("trace", options.trace_id, "id of the trace");
  command->add_flag("--all", options.all, "all traces")->excludes(trace);
  command->add_option("--format", options.format, "otlp (JSON lines) or chrome (for Perfetto)")
      ->check(CLI::IsMember({"otlp", "chrome"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--url", options.url, "address of the receiver")->type_name("URL");
}

void add_import(CLI::App& app, langfuse_cli::ImportOptions& options) {
  CLI::App* command =
      app.add_subcommand("import", "send what `export --format otlp` printed to a server");
  command->add_option("files", options.files, "OTLP JSON, one request a line; - is standard input")
      ->required()
      ->type_name("FILE");
  command->add_option("--url", options.url, "address of the server")->type_name("URL");
}

void add_show(CLI::App& app, langfuse_cli::ShowOptions& options) {
  CLI::App* show = app.add_subcommand("show", "draw traces in the terminal");
  CLI::Option* trace =
      show->add_option("trace", options.trace_id, "id of the trace; without it the newest one");
  CLI::Option* last =
      show->add_flag("--last", options.last, "the newest trace (the default)")->excludes(trace);
  show->add_flag("--all", options.all, "all traces, the oldest first")
      ->excludes(trace)
      ->excludes(last);
  show->add_flag("--json", options.json,
                 "print the observations as JSON; with --follow one a line");
  CLI::Option* follow = show->add_flag("--follow,-f", options.follow,
                                       "print what arrives until Ctrl-C, of one trace or of all");
  show->add_option("--interval", options.interval_seconds,
                   "seconds between two looks at the server (default: 1 on this machine, else 5)")
      ->type_name("SECONDS")
      ->check(complaint_about_seconds, "")
      ->needs(follow);
  show->add_option("--url", options.url, "address of the server")->type_name("URL");
  show->footer(show_examples);
}

void add_doctor(CLI::App& app, langfuse_cli::DoctorOptions& options) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "check everything between this machine and the project, and say what to do");
  doctor->add_flag("--json", options.json, "print the checks and the facts as JSON");
  doctor->add_option("--pid", options.pid, "use the settings that this process was started with")
      ->check(complaint_about_count, "")
      ->type_name("PID");
  doctor->add_option("--timeout", options.timeout_seconds, "seconds that all of it may take")
      ->type_name("SECONDS")
      ->check(complaint_about_seconds, "")
      ->capture_default_str();
  doctor->footer(langfuse_cli::doctor_help());
}

int run(int argc, char** argv) {
  CLI::App app{"receive, show and check what programs send to Langfuse", "langfuse"};
  app.set_version_flag("--version", std::string("langfuse ") + LANGFUSE_PROGRAM_VERSION);
  app.require_subcommand(0, 1);
  app.footer(examples);
  langfuse_cli::DoctorOptions doctor;
  langfuse_cli::ExportOptions exporting;
  langfuse_cli::ImportOptions importing;
  langfuse_cli::LocalOptions local;
  langfuse_cli::ShowOptions show;
  std::string shell;
  add_completion(app, shell);
  add_doctor(app, doctor);
  add_export(app, exporting);
  add_import(app, importing);
  add_local(app, local);
  app.add_subcommand("manual", "print the manual page (langfuse manual | man -l -)");
  add_show(app, show);
  if (const std::string complaint = complaint_about_subcommand(app, argc, argv);
      !complaint.empty()) {
    return report(complaint, status_wrong_usage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      return app.exit(error);  // --help and --version
    }
    return report(std::string(error.what()) + " (see langfuse --help)", status_wrong_usage);
  }
  if (app.got_subcommand("completion")) {
    const langfuse_cli::CommandFacts program = facts_of(app);
    std::fputs((shell == "bash" ? langfuse_cli::bash_completion(program)
                                : langfuse_cli::zsh_completion(program))
                   .c_str(),
               stdout);
    return 0;
  }
  if (app.got_subcommand("manual")) {
    std::fputs(langfuse_cli::manual_page(facts_of(app)).c_str(), stdout);
    return 0;
  }
  if (app.got_subcommand("doctor")) {
    return langfuse_cli::run_doctor(doctor);
  }
  if (app.got_subcommand("export")) {
    return langfuse_cli::run_export(exporting);
  }
  if (app.got_subcommand("import")) {
    return langfuse_cli::run_import(importing);
  }
  if (app.got_subcommand("local")) {
    return langfuse_cli::run_local(local);
  }
  if (app.got_subcommand("show")) {
    return langfuse_cli::run_show(show);
  }
  std::fputs(app.help().c_str(), stderr);
  return status_wrong_usage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = run(argc, argv);
    const bool is_lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
    return is_lost && status == 0 ? report(langfuse_cli::output_lost, 1) : status;
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}

#include "cli/commands/doctor_command.h"

#include <langfuse/config.h>
#include <langfuse/diagnose.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/program/command_line.h"
#include "cli/program/process_environment.h"
#include "cli/program/value_checks.h"
#include "cli/terminal/command_error.h"
#include "cli/terminal/terminal_text.h"
#include "receiver/base/json_text.h"

namespace langfuse_cli {
namespace {

using langfuse::Check;
using langfuse::CheckNumber;
using langfuse::CheckStatus;
using langfuse::Diagnosis;
using langfuse_receiver::Json;

struct DoctorOptions {
  bool json = false;
  int pid = 0;  // whose environment holds the settings; 0: this process's own
  double timeout_seconds = 10;
};

constexpr std::size_t name_width = 16;

constexpr std::array<const char*, langfuse::check_count> explanations = {
    "the settings in force, and where each comes from",
    "whether anything is sent, and why not",
    "the address that traces are sent to",
    "the name of the server, or of the proxy before it",
    "the connection",
    "the certificate: authority, host name, expiry",
    "the proxy in force, and whether it lets requests through",
    "whether a Langfuse server answers, and its version",
    "the project that the keys belong to",
    "this machine's clock against the server's",
    "whether the server accepts a full batch",
    "one trace, sent and read back"};

struct Mark {
  const char* text;
  Colour colour;
};

Mark mark_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::ok:
      return {"✓", Colour::green};
    case CheckStatus::warning:
      return {"!", Colour::yellow};
    case CheckStatus::failed:
      return {"✗", Colour::red};
    case CheckStatus::skipped:
      break;
  }
  return {"–", Colour::dim};
}

// "✗  9 authentication  "
std::string label(CheckNumber number) {
  const int value = static_cast<int>(number);
  return (value < 10 ? " " : "") + std::to_string(value) + " " +
         pad(langfuse::to_string(number), name_width);
}

void print(const Diagnosis& diagnosis) {
  const Palette palette = Palette::for_descriptor(STDOUT_FILENO);
  for (const Check& check : diagnosis.checks) {
    const Mark mark = mark_of(check.status);
    std::printf("%s %s%s\n", palette.paint(mark.colour, mark.text).c_str(),
                label(check.number).c_str(), check.seen.c_str());
    if (!check.advice.empty()) {
      std::printf("%*s→ %s\n", static_cast<int>(name_width) + 5, "", check.advice.c_str());
    }
  }
}

Json to_json(const Check& check) {
  return {{"number", static_cast<int>(check.number)},
          {"name", langfuse::to_string(check.number)},
          {"status", langfuse::to_string(check.status)},
          {"seen", check.seen},
          {"advice", check.advice}};
}

Json to_json(const Diagnosis& diagnosis) {
  Json checks = Json::array();
  for (const Check& check : diagnosis.checks) {
    checks.push_back(to_json(check));
  }
  const Json skew = diagnosis.has_clock_skew ? Json(diagnosis.clock_skew_seconds) : Json();
  return {{"ok", diagnosis.ok()},
          {"first_failed", diagnosis.first_failed()},
          {"project", diagnosis.project},
          {"project_id", diagnosis.project_id},
          {"organization", diagnosis.organization},
          {"environment", diagnosis.environment},
          {"sample_rate", diagnosis.sample_rate},
          {"server_version", diagnosis.server_version},
          {"clock_skew_seconds", skew},
          {"canary_trace_id", diagnosis.canary_trace_id},
          {"canary_url", diagnosis.canary_url},
          {"checks", std::move(checks)}};
}

int run_doctor(const DoctorOptions& options) {
  if (options.pid != 0) {
    adopt_settings_of(options.pid);
  }
  // With a configuration, though an empty one: without it the checks would report that `init` was
  // not called.
  const Diagnosis diagnosis = langfuse::diagnose(
      langfuse::Config{}, std::chrono::duration<double>(options.timeout_seconds));
  if (diagnosis.checks.empty()) {
    throw CommandError("no memory");
  }
  if (options.json) {
    std::printf("%s\n", langfuse_receiver::to_text(to_json(diagnosis)).c_str());
  } else {
    print(diagnosis);
  }
  return diagnosis.first_failed();
}

std::string doctor_help() {
  std::string text =
      "Reads the same LANGFUSE_* variables as a program with the library. The last check sends "
      "one\n"
      "trace, langfuse.diagnose. Checks, by number:\n";
  for (int number = 1; number <= langfuse::check_count; ++number) {
    text += "  " + label(static_cast<CheckNumber>(number)) +
            explanations[static_cast<std::size_t>(number) - 1] + "\n";
  }
  return text +
         "\n"
         "Exit status: 0, or the number of the first check that failed; the numbers never change.\n"
         "Warnings (!) do not count, and check 1 only warns. Status 1 is any other error, such as\n"
         "a --pid that cannot be read. Status 2 is also a wrong option.\n"
         "\n"
         "Examples:\n"
         "  langfuse-cpp doctor\n"
         "  LANGFUSE_BASE_URL=https://us.cloud.langfuse.com langfuse-cpp doctor\n"
         "  langfuse-cpp doctor --pid \"$(pidof my-service)\"\n"
         "  langfuse-cpp doctor --json | jq -r .canary_url";
}

}  // namespace

void add_doctor(CommandLine& program) {
  const auto options = std::make_shared<DoctorOptions>();
  Command doctor = program.add("doctor", "find out why traces do not arrive, and what to do",
                               [options] { return run_doctor(*options); });
  doctor.flag("--json", options->json, "print the checks, and what they found, as JSON");
  doctor.option("--pid", options->pid, "use the settings that this process was started with")
      .check(complaint_about_count)
      .value("PID");
  doctor
      .option("--timeout", options->timeout_seconds,
              "the most seconds that all checks together may take")
      .value("SECONDS")
      .check(complaint_about_seconds)
      .with_default();
  doctor.help(doctor_help());
}

}  // namespace langfuse_cli

#include "cli/commands/export_command.h"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "cli/program/command_line.h"
#include "cli/server/server_settings.h"
#include "cli/terminal/command_error.h"

namespace langfuse_cli {
namespace {

struct ExportOptions {
  std::string trace_id;
  bool all = false;
  std::string format = "otlp";  // or chrome
  std::string url;              // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

constexpr const char* export_help =
    "Scores, media and warnings are not part of an export.\n"
    "\n"
    "Examples:\n"
    "  langfuse-cpp export --all >traces.jsonl   langfuse-cpp import traces.jsonl brings them "
    "back\n"
    "  langfuse-cpp export 7d1f0c52a9be4e0d8a36c1f2b4e5d607 --format chrome >trace.json\n"
    "                                            https://ui.perfetto.dev opens it";

int run_export(const ExportOptions& options) {
  if (options.all == !options.trace_id.empty()) {
    throw CommandError("name a trace, or use --all");
  }
  const bool is_plain =
      options.trace_id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!is_plain) {
    throw CommandError("\"" + options.trace_id + "\" is not the id of a trace");
  }
  const std::string trace = options.all ? "all" : options.trace_id;
  reader_of(options.url)
      .download("/local/export?trace=" + trace + "&format=" + options.format,
                [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
  return 0;
}

}  // namespace

void add_export(CommandLine& program) {
  const auto options = std::make_shared<ExportOptions>();
  Command command =
      program.add("export", "print traces of the local receiver, to save or to convert them",
                  [options] { return run_export(*options); });
  const DeclaredOption trace =
      command.option("trace", options->trace_id, "id of the trace to print");
  command.flag("--all", options->all, "all traces").excludes(trace);
  command
      .option("--format", options->format,
              "for a file of JSON lines, or for https://ui.perfetto.dev")
      .choices({"otlp", "chrome"})
      .value("FORMAT")
      .with_default();
  command.option("--url", options->url, "address of the receiver").value("URL");
  command.help(export_help);
}

}  // namespace langfuse_cli

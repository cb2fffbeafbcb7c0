#include "cli/commands/import_command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/program/command_line.h"
#include "cli/server/server_settings.h"
#include "cli/terminal/command_error.h"

namespace langfuse_cli {
namespace {

struct ImportOptions {
  std::vector<std::string> files;  // "-": standard input
  std::string url;                 // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

constexpr const char* import_help =
    "Examples:\n"
    "  langfuse-cpp import traces.jsonl          to the local receiver\n"
    "  langfuse-cpp import traces.jsonl --url https://cloud.langfuse.com\n"
    "                                            with LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY "
    "set";

// Returns how many lines were sent.
int send_lines(std::istream& lines, const std::string& name, const ApiReader& server) {
  int number = 0;
  int sent = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    try {
      server.send_export(line);
    } catch (const CommandError& error) {
      throw CommandError(name + ":" + std::to_string(number) + ": " + error.what());
    }
    ++sent;
  }
  if (lines.bad()) {  // of a folder, for instance, which can be opened
    throw CommandError("cannot read " + name + ": " + std::strerror(errno));
  }
  return sent;
}

int run_import(const ImportOptions& options) {
  const ApiReader server = reader_of(options.url);
  int sent = 0;
  for (const std::string& name : options.files) {
    if (name == "-") {
      sent += send_lines(std::cin, "standard input", server);
      continue;
    }
    std::ifstream file(name);
    if (!file) {
      throw CommandError("cannot read " + name + ": " + std::strerror(errno));
    }
    sent += send_lines(file, name, server);
  }
  std::printf("%d requests sent\n", sent);
  return 0;
}

}  // namespace

void add_import(CommandLine& program) {
  const auto options = std::make_shared<ImportOptions>();
  Command command = program.add("import", "send the traces that `export` printed to a server",
                                [options] { return run_import(*options); });
  command.option("files", options->files, "what `export` printed; - for standard input")
      .required()
      .value("FILE");
  command.option("--url", options->url, "address of the server").value("URL");
  command.help(import_help);
}

}  // namespace langfuse_cli

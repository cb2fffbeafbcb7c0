#include "cli/commands/import_command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include "cli/server/server_settings.h"
#include "cli/terminal/command_error.h"

namespace langfuse_cli {
namespace {

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

}  // namespace

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

}  // namespace langfuse_cli

#include "cli/program/process_environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "cli/terminal/command_error.h"

namespace langfuse_cli {
namespace {

bool is_setting(std::string_view name) {
  constexpr std::array<std::string_view, 10> others = {
      "OTEL_SERVICE_NAME", "http_proxy", "https_proxy", "HTTPS_PROXY",  "all_proxy",
      "ALL_PROXY",         "no_proxy",   "NO_PROXY",    "SSL_CERT_DIR", "SSL_CERT_FILE"};
  constexpr std::string_view ours = "LANGFUSE_";
  return name.substr(0, ours.size()) == ours ||
         std::find(others.begin(), others.end(), name) != others.end();
}

std::string own_block() {
  std::string block;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    block += *entry;
    block += '\0';
  }
  return block;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_in(std::string_view block) {
  std::vector<std::pair<std::string, std::string>> settings;
  while (!block.empty()) {
    const std::string_view entry = block.substr(0, block.find('\0'));
    block.remove_prefix(std::min(entry.size() + 1, block.size()));
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || !is_setting(entry.substr(0, equals))) {
      continue;
    }
    settings.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return settings;
}

void adopt_settings_of(int pid) {
  const std::string name = "/proc/" + std::to_string(pid) + "/environ";
  std::ifstream file(name, std::ios::binary);
  const std::string block{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    throw CommandError("cannot read " + name + ": " + std::strerror(errno) +
                       "\nIs the process running, and is it yours?");
  }
  for (const auto& [variable, value] : settings_in(own_block())) {
    ::unsetenv(variable.c_str());
  }
  for (const auto& [variable, value] : settings_in(block)) {
    ::setenv(variable.c_str(), value.c_str(), 1);
  }
}

}  // namespace langfuse_cli

// The settings that another process was started with.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace langfuse_cli {

// Names and values of the variables that the library, or libcurl in it, reads: LANGFUSE_*, the
// service name, proxies, certificates. `block`: as in /proc/N/environ, each entry ended by NUL.
std::vector<std::pair<std::string, std::string>> settings_in(std::string_view block);

// Replaces this process's own variables of that kind by those with which the process `pid` was
// started; `setenv` in it does not change them. Throws `CommandError` if they cannot be read.
// REQUIRES: no other thread runs.
void adopt_settings_of(int pid);

}  // namespace langfuse_cli

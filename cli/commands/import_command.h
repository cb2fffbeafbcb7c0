// `langfuse import`: sends OTLP JSON, one export request a line, to a server.

#pragma once

#include <string>
#include <vector>

namespace langfuse_cli {

struct ImportOptions {
  std::vector<std::string> files;  // "-": standard input
  std::string url;                 // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

// Returns 0 when all lines were taken. Throws `CommandError`, which names file and line, at the
// first that was not; what came before it is on the server, and may be sent again.
int run_import(const ImportOptions& options);

}  // namespace langfuse_cli

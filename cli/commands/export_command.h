// `langfuse export`: prints what the local receiver has, for other programs.

#pragma once

#include <string>

namespace langfuse_cli {

struct ExportOptions {
  std::string trace_id;
  bool all = false;
  std::string format = "otlp";  // or chrome
  std::string url;              // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

// Prints to stdout and returns 0. Throws `CommandError`.
int run_export(const ExportOptions& options);

}  // namespace langfuse_cli

// `langfuse show`: reads traces over the public API and draws them in the terminal.

#pragma once

#include <string>

namespace langfuse_cli {

struct ShowOptions {
  std::string trace_id;  // empty: the one that started an observation last
  bool all = false;
  bool json = false;
  std::string url;  // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

// Prints to stdout and returns 0, or 1 when there is no such trace. Throws `CommandError`.
int run_show(const ShowOptions& options);

}  // namespace langfuse_cli

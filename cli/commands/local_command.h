// `langfuse local`: runs the receiver until SIGINT or SIGTERM.

#pragma once

#include <cstdint>
#include <string>

namespace langfuse_cli {

struct LocalOptions {
  int port = 3000;       // 0: the system chooses
  std::string database;  // empty: in memory
  std::string keys = "pk-lf-local:sk-lf-local";
  bool open = false;  // show the page in a browser
  // Whole traces are removed beyond these, the ones written to longest ago first; 0: no limit.
  std::int64_t max_traces = 0;
  std::int64_t max_bytes = 0;
};

// Serves until a signal asks to stop, then returns 0. Throws `CommandError`. REQUIRES: no other
// thread runs yet, because the signals are blocked for all of them here.
int run_local(const LocalOptions& options);

}  // namespace langfuse_cli

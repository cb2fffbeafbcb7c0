// `langfuse local`: runs the receiver until SIGINT or SIGTERM.

#pragma once

#include <string>

namespace langfuse_cli {

struct LocalOptions {
  int port = 3000;       // 0: the system chooses
  std::string database;  // empty: in memory
  std::string keys = "pk-lf-local:sk-lf-local";
};

// Serves until a signal asks to stop, then returns 0. Throws `CommandError`. REQUIRES: no other
// thread runs yet, because the signals are blocked for all of them here.
int run_local(const LocalOptions& options);

}  // namespace langfuse_cli

// `langfuse show`: reads traces over the public API, draws them in the terminal, and follows them.

#pragma once

#include <string>

namespace langfuse_cli {

struct ShowOptions {
  std::string trace_id;  // empty: the one that started an observation last
  bool all = false;
  bool last = false;  // without `follow` the default
  bool json = false;
  bool follow = false;
  double interval_seconds = 0;  // between two looks while following; 0: 1 on this machine, else 5
  std::string url;              // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

// Prints to stdout and returns 0, or 1 when there is no such trace; with `follow` it does not
// return. Throws `CommandError`.
int run_show(const ShowOptions& options);

}  // namespace langfuse_cli

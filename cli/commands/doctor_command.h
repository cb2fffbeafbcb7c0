// `langfuse doctor`: prints what the library's `diagnose()` finds out.

#pragma once

#include <string>

namespace langfuse_cli {

struct DoctorOptions {
  bool json = false;
  int pid = 0;  // whose environment holds the settings; 0: this process's own
  double timeout_seconds = 10;
};

// Prints to stdout and returns the number of the first check that failed, or 0. Throws
// `CommandError`.
int run_doctor(const DoctorOptions& options);

// What stands below the options in `--help`: the checks, the exit status, examples.
std::string doctor_help();

}  // namespace langfuse_cli

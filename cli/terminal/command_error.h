// The exception of a subcommand that cannot do its work.

#pragma once

#include <stdexcept>
#include <string>

namespace langfuse_cli {

// Printed as `langfuse-cpp: error: <text>`; the program ends with `status`.
class CommandError : public std::runtime_error {
 public:
  explicit CommandError(const std::string& text, int status = 1)
      : std::runtime_error(text), status_(status) {}

  int status() const { return status_; }

 private:
  int status_;
};

// The message if standard output accepts no more, on a full disk for instance.
inline constexpr const char* output_lost = "cannot write the output";

}  // namespace langfuse_cli

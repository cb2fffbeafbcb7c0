// Whole files that nobody but their owner may read.

#pragma once

#include <optional>
#include <string>

namespace langfuse_receiver {

// Writes `bytes` as `path`, with mode 0600. A reader sees the old file or the new one, also after a
// crash of the process. Throws `std::runtime_error`, naming the file, with the old one left.
void write_private_file(const std::string& path, const std::string& bytes);

// Empty if it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace langfuse_receiver

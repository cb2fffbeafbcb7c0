// Files and folders that nobody but their owner may read, and what speaks against using one that is
// there already.

#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace langfuse_receiver {

// Writes `bytes` as `path`, with mode 0600. A reader sees the old file or the new one, also after a
// crash of the process. Throws `std::runtime_error`, naming the file, with the old one left.
void write_private_file(const std::string& path, const std::string& bytes);

// Why what is there must not be used: it belongs to another user, or gives users other than its
// owner one of the rights in `forbidden`, S_IRWXG and S_IRWXO or a part of them. A part of a
// sentence, which says how to mend it; empty if nothing speaks against it.
std::string privacy_problem(const struct ::stat& status, mode_t forbidden);

// The same of the folder at `path`, where nobody else may have any right. A symbolic link is none,
// because whoever made it decides where it leads. Empty, too, if there is nothing at all.
std::string folder_problem(const std::string& path);

// Empty if it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace langfuse_receiver

// What the receiver's database throws.

#pragma once

#include <stdexcept>
#include <string>

namespace langfuse_receiver {

// The database cannot be used: it belongs to another program, is newer than this one, cannot be
// opened, or was deleted, replaced or made read-only since. The text names the file.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Rows that this database will never take, whatever is mended: trying again is of no use.
class RowsRefused : public StoreError {
 public:
  using StoreError::StoreError;
};

// "cannot use <path> as the database: <problem>". An empty path stands for memory.
[[noreturn]] inline void refuse_database(const std::string& path, const std::string& problem) {
  throw StoreError("cannot use " + (path.empty() ? "memory" : path) +
                   " as the database: " + problem);
}

}  // namespace langfuse_receiver

// The file that a database is in, as the file system sees it. Used by `store_*.cpp` only.

#pragma once

#include <sys/types.h>

#include <string>

namespace langfuse_receiver {

// Whether writing still makes sense: SQLite keeps its descriptors and would go on storing into a
// file that nobody can find any more.
class DatabaseFile {
 public:
  // Creates the file with mode 0600 if it is not there, and remembers which one it is. An empty
  // path stands for a database in memory, which has no file. Throws `StoreError`, also for a file
  // that another user could have written or could read: one that is not ours or that others may
  // write, a link that leads nowhere or is not ours, and such a file that SQLite would find beside
  // it.
  explicit DatabaseFile(std::string path);

  const std::string& path() const { return path_; }
  bool in_memory() const { return path_.empty(); }

  // Why nothing can be stored now: the file was deleted, replaced or made read-only since. Empty if
  // all is well.
  std::string problem() const;

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace langfuse_receiver

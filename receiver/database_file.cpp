#include "receiver/database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "receiver/store_schema.h"

namespace langfuse_receiver {

DatabaseFile::DatabaseFile(std::string path) : path_(std::move(path)) {
  if (in_memory()) {
    return;
  }
  if (path_ == ":memory:") {
    refuse_database(path_,
                    "SQLite takes this name for memory; give another file with --db, or keep the "
                    "data in memory with --memory");
  }
  // SQLite creates files with the umask's mode; prompts are nobody else's business, so the file is
  // created here. SQLite gives its `-wal` and `-shm` files the mode of the database.
  const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) {
    refuse_database(path_, std::strerror(errno));
  }
  struct stat status {};
  const int result = ::fstat(file, &status);
  const int problem = errno;
  ::close(file);
  if (result != 0) {
    refuse_database(path_, std::strerror(problem));
  }
  if (!S_ISREG(status.st_mode)) {
    refuse_database(path_, "it is no regular file; give another file with --db");
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

std::string DatabaseFile::problem() const {
  if (in_memory()) {
    return {};
  }
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) {
    return "the database " + path_ + " is no longer there (" + std::strerror(errno) +
           "); nothing is stored until it is";
  }
  if (status.st_dev != device_ || status.st_ino != inode_) {
    return "the database " + path_ +
           " was replaced by another file while running; nothing is stored until langfuse is "
           "started again";
  }
  if ((status.st_mode & S_IWUSR) == 0) {
    return "the database " + path_ +
           " was made read-only; nothing is stored until it can be written";
  }
  return {};
}

}  // namespace langfuse_receiver

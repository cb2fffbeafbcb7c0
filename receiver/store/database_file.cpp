#include "receiver/store/database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "receiver/base/private_file.h"
#include "receiver/store/store_error.h"

namespace langfuse_receiver {
namespace {

constexpr const char* remedy = "; give another file with --db";

// The link itself is followed if it is ours; where it leads is checked like any other file.
void check_link(const std::string& path, const struct stat& link) {
  if (link.st_uid != ::geteuid()) {
    refuse_database(path, std::string("it is a symbolic link of another user") + remedy);
  }
  struct stat target {};
  if (::stat(path.c_str(), &target) != 0) {
    refuse_database(path, std::string("it is a symbolic link, and what it leads to cannot be "
                                      "reached (") +
                              std::strerror(errno) + ")" + remedy);
  }
}

// SQLite creates files with the umask's mode; prompts are nobody else's business, so the file is
// created here. SQLite gives its `-wal` and `-shm` files the mode of the database.
int open_or_create(const std::string& path, bool is_second_try = false) {
  struct stat status {};
  const bool is_there = ::lstat(path.c_str(), &status) == 0;
  if (is_there && S_ISLNK(status.st_mode)) {
    check_link(path, status);
  }
  // A new one is made by nobody else, and no link is followed to where it shall be.
  const int created = O_CREAT | O_EXCL | O_NOFOLLOW;
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | (is_there ? 0 : created),
                          S_IRUSR | S_IWUSR);
  if (file < 0 && errno == EEXIST && !is_second_try) {
    return open_or_create(path, true);  // another receiver was as quick
  }
  if (file < 0) {
    refuse_database(path, std::strerror(errno));
  }
  return file;
}

// Closes `file`.
struct stat status_of(const std::string& path, int file) {
  struct stat status {};
  const int result = ::fstat(file, &status);
  const int problem = errno;
  ::close(file);
  if (result != 0) {
    refuse_database(path, std::strerror(problem));
  }
  return status;
}

// Others may have been able to read it so far: it gets the mode 0600. What they could write may
// hold anything.
void check(const std::string& database, const std::string& file, const struct stat& status) {
  const std::string subject = file == database ? "" : file + ": ";
  if (!S_ISREG(status.st_mode)) {
    refuse_database(database, subject + "it is no regular file" + remedy);
  }
  // SQLite finds the write-ahead log by the file's name: under two names, each has its own.
  if (status.st_nlink > 1) {
    refuse_database(database, subject + "it has a second name (a hard link)" + remedy);
  }
  if (const std::string problem = privacy_problem(status, S_IWGRP | S_IWOTH); !problem.empty()) {
    refuse_database(database, subject + problem + remedy);
  }
}

// SQLite reads what it finds under these names, and writes into it. They get its mode, too.
void check_companions(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  const std::string file = resolved == nullptr ? path : resolved;
  std::free(resolved);
  for (const char* suffix : {"-journal", "-shm", "-wal"}) {
    struct stat status {};
    if (::lstat((file + suffix).c_str(), &status) == 0) {
      check(path, file + suffix, status);
      ::chmod((file + suffix).c_str(), S_IRUSR | S_IWUSR);
    }
  }
}

}  // namespace

DatabaseFile::DatabaseFile(std::string path) : path_(std::move(path)) {
  if (in_memory()) {
    return;
  }
  if (path_ == ":memory:") {
    refuse_database(path_,
                    "SQLite takes this name for memory; give another file with --db, or keep the "
                    "data in memory with --memory");
  }
  const struct stat status = status_of(path_, open_or_create(path_));
  check(path_, path_, status);
  check_companions(path_);
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

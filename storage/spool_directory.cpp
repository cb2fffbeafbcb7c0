#include "storage/spool_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string_view>

#include "model/random_ids.h"
#include "storage/process_identity.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::string_view segment_ending = ".lfs";
constexpr std::string_view incomplete_ending = ".new";
constexpr std::string_view damaged_ending = ".damaged";
constexpr int most_attempts = 8;  // to make a file whose name nobody has

bool ends_in(std::string_view name, std::string_view ending) noexcept {
  return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
}

std::string hex(const ProjectDigest& digest) {
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", digest[i]);
    text += digits;
  }
  return text;
}

// The time has as many digits for the next two centuries, so that names sort by it.
std::string new_stem(const SegmentHead& head) {
  char name[64];
  std::snprintf(
      name, sizeof(name), "%019lld-%lu-%016llx", static_cast<long long>(head.created_unix_nano),
      static_cast<unsigned long>(head.owner.pid), static_cast<unsigned long long>(random_bits()));
  return name;
}

std::string machine_name() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

// Opens a directory, which is made if it is missing. -1: see `error`, `subject` apart.
int open_directory(int parent, const std::string& name, mode_t forbidden, StorageError& error) {
  const auto failed = [&error](StorageFault fault, int system_error) {
    error.fault = fault;
    error.system_error = system_error;
    return -1;
  };
  if (mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) {
    return failed(StorageFault::system, errno);
  }
  const int directory =
      openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) {
    const bool is_other = errno == ENOTDIR || errno == ELOOP;
    return failed(is_other ? StorageFault::not_a_folder : StorageFault::system, errno);
  }
  struct stat status {};
  StorageFault fault = StorageFault::none;
  if (fstat(directory, &status) != 0) {
    fault = StorageFault::system;
  } else if (status.st_uid != geteuid()) {
    fault = StorageFault::not_ours;
  } else if ((status.st_mode & forbidden) != 0) {
    fault = StorageFault::not_private;
  }
  if (fault == StorageFault::none) return directory;
  const int system_error = errno;
  ::close(directory);
  return failed(fault, system_error);
}

// Without a slash at the end, behind which even O_NOFOLLOW follows a link.
std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool is_ours(const struct stat& file) noexcept {
  return S_ISREG(file.st_mode) && file.st_uid == geteuid() && file.st_nlink == 1 &&
         (file.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

bool is_same(const struct stat& one, const struct stat& other) noexcept {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

SpoolDirectory::~SpoolDirectory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

SpoolDirectory SpoolDirectory::open(const std::string& path, const ProjectDigest& project,
                                    StorageError& error) {
  SpoolDirectory opened;
  opened.path_ = without_last_slash(path);
  opened.project_ = project;
  error = {};
  const int outer = open_directory(AT_FDCWD, opened.path_, S_IWGRP | S_IWOTH, error);
  if (outer >= 0) {
    const std::string name = hex(project);
    opened.descriptor_ = open_directory(outer, name, S_IRWXG | S_IRWXO, error);
    ::close(outer);
    opened.path_ += "/" + name;
  }
  if (error) error.subject = "directory " + opened.path_;
  return opened;
}

StorageError SpoolDirectory::fault(StorageFault kind, const std::string& name) const {
  return {kind, 0, "file " + path_ + "/" + name};
}

StorageError SpoolDirectory::system_fault(int error, const std::string& name) const {
  return {StorageFault::system, error, "file " + path_ + "/" + name};
}

std::vector<std::string> SpoolDirectory::names_that_end_in(const char* ending,
                                                           StorageError& error) const {
  error = {};
  std::vector<std::string> names;
  // One of its own: the position in a directory is the descriptor's.
  const int descriptor = openat(descriptor_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const directory = descriptor < 0 ? nullptr : fdopendir(descriptor);
  if (directory == nullptr) {
    error = {StorageFault::system, errno, "directory " + path_};
    if (descriptor >= 0) ::close(descriptor);
    return names;
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> closed_at_end(directory, closedir);
  errno = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe for a stream that no other thread has.
  while (const dirent* const entry = readdir(directory)) {
    if (ends_in(entry->d_name, ending)) names.emplace_back(entry->d_name);
    errno = 0;
  }
  if (errno != 0) error = {StorageFault::system, errno, "directory " + path_};
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> SpoolDirectory::list(StorageError& error) const {
  return names_that_end_in(segment_ending.data(), error);
}

SegmentFile SpoolDirectory::create(SegmentHead& head, StorageError& error) const {
  error = {};
  head.owner = this_process();
  head.project = project_;
  head.machine = machine_name();
  head.salt = random_bits();
  head.created_unix_nano = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  const std::string heads = encode_heads(head);
  if (heads.empty()) {
    error = {StorageFault::head_too_long, 0, "segment file in " + path_};
    return {};
  }
  const std::size_t size = heads.size() + std::size_t{head.blocks} * head.block_bytes;
  int failure = EAGAIN;
  std::string stem;
  for (int attempt = 0; attempt < most_attempts && failure == EAGAIN; ++attempt) {
    stem = new_stem(head);
    SegmentFile file = make_file(stem, heads, size, failure);
    if (failure == 0) return file;
  }
  error = system_fault(failure, stem);
  return {};
}

// Under a name that nobody adopts until it is complete. In between, `remove_incomplete` of another
// process may take it for one that was left: that is EAGAIN.
SegmentFile SpoolDirectory::make_file(const std::string& stem, const std::string& heads,
                                      std::size_t size, int& failure) const {
  const std::string incomplete = stem + incomplete_ending.data();
  const int descriptor = openat(descriptor_, incomplete.c_str(),
                                O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    failure = errno == EEXIST ? EAGAIN : errno;
    return {};
  }
  SegmentFile file(descriptor, ClaimedFile(), stem + segment_ending.data());
  struct stat status {};
  failure = fstat(descriptor, &status) == 0 ? 0 : errno;
  if (failure == 0) {
    ClaimedFile claim(FileNumber{status.st_dev, status.st_ino});
    failure = claim ? lock_file(descriptor) : EAGAIN;
    file.hold(std::move(claim));
  }
  if (failure == 0) failure = reserve_file(descriptor, size);
  if (failure == 0) failure = write_file(descriptor, heads.data(), heads.size(), 0);
  if (failure == 0 &&
      renameat(descriptor_, incomplete.c_str(), descriptor_, file.name().c_str()) != 0) {
    failure = errno == ENOENT ? EAGAIN : errno;
  }
  if (failure != 0) unlinkat(descriptor_, incomplete.c_str(), 0);
  return file;
}

OpenedSegment SpoolDirectory::open_file(const std::string& name, OpenFor purpose) const {
  OpenedSegment opened;
  const auto failed = [&](int error) {
    opened.error = error == EAGAIN   ? fault(StorageFault::in_use, name)
                   : error == ENOENT ? fault(StorageFault::gone, name)
                                     : system_fault(error, name);
    return std::move(opened);
  };
  struct stat before {};
  if (fstatat(descriptor_, name.c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) return failed(errno);
  if (!is_ours(before)) {
    opened.error = fault(StorageFault::not_a_segment_file, name);
    return opened;
  }
  // Before it is opened: to close a second descriptor would end the lock of the first.
  ClaimedFile claim(FileNumber{before.st_dev, before.st_ino});
  if (!claim) return failed(EAGAIN);
  // Non-blocking: by now it may be a pipe.
  const int access = purpose == OpenFor::sending ? O_RDWR : O_RDONLY;
  const int descriptor =
      openat(descriptor_, name.c_str(), access | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return failed(errno);
  SegmentFile file(descriptor, std::move(claim), name);
  const int failure = purpose == OpenFor::sending ? lock_file(descriptor) : 0;
  if (failure != 0) return failed(failure);
  // Who had it locked before may have removed it in the meantime.
  struct stat now {};
  struct stat by_name {};
  if (fstat(descriptor, &now) != 0 ||
      fstatat(descriptor_, name.c_str(), &by_name, AT_SYMLINK_NOFOLLOW) != 0 ||
      !is_same(now, before) || !is_same(by_name, before) || !is_ours(now)) {
    return failed(ENOENT);
  }
  opened.file = std::move(file);
  return opened;
}

OpenedSegment SpoolDirectory::open_segment(const std::string& name, OpenFor purpose) const {
  OpenedSegment opened = open_file(name, purpose);
  if (opened.error) return opened;
  std::string begin(2 * largest_head, '\0');
  const ssize_t size = read_file(opened.file.descriptor(), begin.data(), begin.size(), 0);
  if (size < 0) {
    opened.error = system_fault(errno, name);
    return opened;
  }
  opened.decoded = decode_heads(std::string_view(begin).substr(0, static_cast<std::size_t>(size)));
  if (opened.decoded.state == HeadState::newer) {
    opened.error = fault(StorageFault::newer_format, name);
  } else if (opened.decoded.state == HeadState::damaged) {
    opened.error = fault(StorageFault::damaged_head, name);
  } else if (opened.decoded.head.project != project_) {
    opened.error = fault(StorageFault::other_project, name);
  } else if (purpose == OpenFor::sending) {
    // The lock was free. Ours are so too when this process has closed them; not adopted is what
    // another copy of the library in this process may be writing, for which the lock is no barrier.
    const ProcessIdentity& owner = opened.decoded.head.owner;
    const bool is_left =
        is_this_process(owner) ? owner.copy == this_process().copy : !is_running(owner);
    if (!is_left) opened.error = fault(StorageFault::in_use, name);
  }
  return opened;
}

bool SpoolDirectory::remove(const SegmentFile& file) const noexcept {
  return unlinkat(descriptor_, file.name().c_str(), 0) == 0 || errno == ENOENT;
}

bool SpoolDirectory::set_aside(const SegmentFile& file) const noexcept {
  char name[128];
  const int size =
      std::snprintf(name, sizeof(name), "%s%s", file.name().c_str(), damaged_ending.data());
  return size > 0 && static_cast<std::size_t>(size) < sizeof(name) &&
         renameat(descriptor_, file.name().c_str(), descriptor_, name) == 0;
}

void SpoolDirectory::remove_incomplete() const {
  StorageError error;
  for (const std::string& name : names_that_end_in(incomplete_ending.data(), error)) {
    // Who still makes it has it locked, or will find that it is gone and begin again.
    const OpenedSegment opened = open_file(name, OpenFor::sending);
    if (opened.file) remove(opened.file);
  }
}

int SpoolDirectory::sync_names() const noexcept {
  return fsync(descriptor_) == 0 ? 0 : errno;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

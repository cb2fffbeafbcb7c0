// The directory with one project's segment files: makes them, lists them, and takes over those of
// processes that have ended.
//
//   <the user's directory>/         0700 when we make it
//     <32 hex digits>/              0700; of the project's digest, so that what was recorded for
//     one
//                                   project or server is never sent to another
//       <created>-<pid>-<random>.lfs      0600; in the order of their names, oldest first
//       <created>-<pid>-<random>.new      not complete yet
//       <created>-<pid>-<random>.damaged  set aside: no record of it can be read
//
// Nothing here follows a symbolic link in the user's directory or below, and files are reached
// through the directory's descriptor alone, so that nobody can lead us elsewhere.
//
// Several processes may share a directory. One that runs keeps its files: a file is taken over only
// when its lock is free and the process that wrote it has ended. Of several that try at once, one
// gets it.
//
// Thread safety: any thread. Functions throw for lack of memory only; they read and write the disk,
// so they are for threads that may wait.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"
#include "storage/segment_file.h"
#include "storage/segment_format.h"
#include "storage/storage_error.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// How to open a segment file that is there.
enum class OpenFor : std::uint8_t {
  sending,  // locks it; its records are marked as they are sent, and at last it is removed
  looking,  // as it is, also while another process writes it
};

// A segment file and what its head says; or why not. The file is open then too if it could be, so
// that one with a damaged head can be set aside.
struct OpenedSegment {
  SegmentFile file;
  DecodedHead decoded;
  StorageError error;
};

class SpoolDirectory {
 public:
  SpoolDirectory() = default;  // none
  SpoolDirectory(SpoolDirectory&& other) noexcept { swap(other); }
  SpoolDirectory& operator=(SpoolDirectory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~SpoolDirectory();

  // The project's directory in `path`. Both are made where they are missing, but not what `path`
  // lies in. On an error there is none.
  static SpoolDirectory open(const std::string& path, const ProjectDigest& project,
                             StorageError& error);
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

  // The names of all segment files, oldest first.
  std::vector<std::string> list(StorageError& error) const;

  // Makes a file for `head.blocks` blocks, which fills in the rest of the head: salt, owner,
  // project, machine and time. All its bytes are reserved on the disk and the heads are written.
  // It is locked, and in nobody's list of dead ones, from the first moment on.
  SegmentFile create(SegmentHead& head, StorageError& error) const;

  // REQUIRES: `name` is one of the list.
  OpenedSegment open_segment(const std::string& name, OpenFor purpose) const;

  // Removes a file that is open for sending, or written by us: the last step of sending it. Done
  // twice, or for a file that is gone, it does nothing. False on an error.
  bool remove(const SegmentFile& file) const noexcept;
  // Takes it out of the list, and keeps it for people to look at.
  bool set_aside(const SegmentFile& file) const noexcept;

  // Removes what processes left that ended while they made a file.
  void remove_incomplete() const;

  // Makes sure that the names survive a loss of power. 0, or an `errno`.
  int sync_names() const noexcept;

 private:
  void swap(SpoolDirectory& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(project_, other.project_);
    std::swap(path_, other.path_);
  }
  StorageError fault(StorageFault kind, const std::string& name) const;
  StorageError system_fault(int error, const std::string& name) const;
  std::vector<std::string> names_that_end_in(const char* ending, StorageError& error) const;
  SegmentFile make_file(const std::string& stem, const std::string& heads, std::size_t size,
                        int& failure) const;
  OpenedSegment open_file(const std::string& name, OpenFor purpose) const;

  int descriptor_ = -1;
  ProjectDigest project_{};
  std::string path_;  // for messages
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// An open segment file, and which of them this process has open.
//
// A file that is written, or whose records are being sent, is locked by `fcntl(F_SETLK)`: unlike
// `flock` and locks of open file descriptions, such a lock ends with the process that took it, even
// if forked children still run. The price: it ends too as soon as the process closes *any*
// descriptor of the file. So each file is open at most once in a process, which a list sees to
// (`ClaimedFile`), and that also keeps a process from adopting its own file.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "langfuse/langfuse.h"
#include "storage/storage_error.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What the kernel calls the same file.
struct FileNumber {
  dev_t device = 0;
  ino_t inode = 0;
};

// The right to open one file in this process; empty if somebody else in this process has it. Given
// back by the destructor. Any thread; nothing waits or locks, so that a forked child finds nothing
// locked for ever. What the parent claimed, the child has not.
class ClaimedFile {
 public:
  ClaimedFile() = default;
  // Throws for lack of memory.
  explicit ClaimedFile(const FileNumber& file);
  ClaimedFile(ClaimedFile&& other) noexcept : place_(std::exchange(other.place_, nullptr)) {}
  ClaimedFile& operator=(ClaimedFile&& other) noexcept {
    std::swap(place_, other.place_);
    return *this;
  }
  ~ClaimedFile();

  explicit operator bool() const noexcept { return place_ != nullptr; }

 private:
  struct Place;
  Place* place_ = nullptr;
};

// A descriptor with its claim; closed before the claim is given back.
class SegmentFile {
 public:
  SegmentFile() = default;
  SegmentFile(int descriptor, ClaimedFile claim, std::string name) noexcept
      : descriptor_(descriptor), claim_(std::move(claim)), name_(std::move(name)) {}
  SegmentFile(SegmentFile&& other) noexcept { swap(other); }
  SegmentFile& operator=(SegmentFile&& other) noexcept {
    swap(other);
    return *this;
  }
  ~SegmentFile();

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }
  void hold(ClaimedFile claim) noexcept { claim_ = std::move(claim); }
  const std::string& name() const noexcept { return name_; }  // within its directory

 private:
  void swap(SegmentFile& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(claim_, other.claim_);
    std::swap(name_, other.name_);
  }

  int descriptor_ = -1;
  ClaimedFile claim_;
  std::string name_;
};

// Locks the whole file for this process, without waiting. 0, or an `errno`: EAGAIN if another
// process has it locked.
int lock_file(int descriptor) noexcept;

// Gives the file `size` bytes that are really there on the disk, so that no later write to them
// lacks room. 0, or an `errno`.
int reserve_file(int descriptor, std::size_t size) noexcept;

// Writes all of it. 0, or an `errno`. Never raises SIGXFSZ, which would end the program: beyond
// RLIMIT_FSIZE it is EFBIG.
int write_file(int descriptor, const void* bytes, std::size_t size, std::uint64_t offset) noexcept;

// Reads as much of it as the file has. The number of bytes, or -1 and `errno`.
ssize_t read_file(int descriptor, void* bytes, std::size_t size, std::uint64_t offset) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "storage/segment_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Never removed from the list, and never freed: there are as many as files were open at once.
struct ClaimedFile::Place {
  Place* next = nullptr;  // does not change once it is in the list
  // Of the process that has it; 0: nobody. A forked child finds its parent's, and takes them over
  // as free ones. Acquire and release: publish `device` and `inode`.
  std::atomic<pid_t> owner{0};
  std::atomic<dev_t> device{0};
  std::atomic<ino_t> inode{0};
};

namespace {

bool is_within_limit(std::uint64_t end) noexcept {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
         end <= limit.rlim_cur;
}

}  // namespace

// Two threads that claim the same file at once must not both get it. So each first enters its own
// claim and then looks for another one: at least one of them sees the other. If both do, both give
// up, which is a file that is tried again later.
ClaimedFile::ClaimedFile(const FileNumber& file) {
  static std::atomic<Place*> places{nullptr};
  const pid_t own = getpid();
  constexpr pid_t being_filled = -1;

  for (Place* place = places.load(); place != nullptr && place_ == nullptr; place = place->next) {
    pid_t owner = place->owner.load();
    const bool is_free = owner != own && owner != being_filled;
    if (is_free && place->owner.compare_exchange_strong(owner, being_filled)) place_ = place;
  }
  if (place_ == nullptr) {
    place_ = new Place;
    place_->owner.store(being_filled);
    place_->next = places.load();
    while (!places.compare_exchange_weak(place_->next, place_)) {
    }
  }
  place_->device.store(file.device);
  place_->inode.store(file.inode);
  place_->owner.store(own);

  for (const Place* place = places.load(); place != nullptr; place = place->next) {
    const bool is_other = place != place_ && place->owner.load() == own;
    if (!is_other || place->device.load() != file.device || place->inode.load() != file.inode) {
      continue;
    }
    place_->owner.store(0);
    place_ = nullptr;
    return;
  }
}

ClaimedFile::~ClaimedFile() {
  // In a forked child that destroys what it inherited, the claim is the parent's, or another one's
  // by now.
  pid_t own = getpid();
  if (place_ != nullptr) place_->owner.compare_exchange_strong(own, 0);
}

SegmentFile::~SegmentFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int lock_file(int descriptor) noexcept {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(descriptor, F_SETLK, &whole) == 0) return 0;
  return errno == EACCES ? EAGAIN : errno;
}

int reserve_file(int descriptor, std::size_t size) noexcept {
  if (!is_within_limit(size)) return EFBIG;
  int error = EINTR;
  while (error == EINTR) error = posix_fallocate(descriptor, 0, static_cast<off_t>(size));
  return error;
}

int write_file(int descriptor, const void* bytes, std::size_t size, std::uint64_t offset) noexcept {
  if (!is_within_limit(offset + size)) return EFBIG;
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t count = pwrite(descriptor, from, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    from += count;
    size -= static_cast<std::size_t>(count);
    offset += static_cast<std::uint64_t>(count);
  }
  return 0;
}

ssize_t read_file(int descriptor, void* bytes, std::size_t size, std::uint64_t offset) noexcept {
  char* to = static_cast<char*>(bytes);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        pread(descriptor, to + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(done);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "http/inherited_descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

struct Candidate {
  int descriptor;
  bool is_reader;  // its unread bytes are as many as there were rings, so far
  bool is_writer;  // what it has sent and nobody read grows with the rings, so far
  int sent_by_one;
};

struct Candidates {
  std::array<Candidate, 64> all{};
  std::size_t count = 0;
};

// A nameless local stream socket or a pipe that children inherit.
bool may_be_ours(int descriptor) noexcept {
  const int flags = fcntl(descriptor, F_GETFD);
  struct stat about = {};
  if (flags < 0 || (flags & FD_CLOEXEC) != 0 || fstat(descriptor, &about) != 0) return false;
  if (S_ISFIFO(about.st_mode)) return true;
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  return S_ISSOCK(about.st_mode) &&
         getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.ss_family == AF_UNIX && size == sizeof(sa_family_t);
}

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { closedir(directory); }
};

// False when there are more than can be looked at, or they cannot be listed.
bool find_candidates(Candidates& found) noexcept {
  const std::unique_ptr<DIR, DirectoryCloser> directory(opendir("/proc/thread-self/fd"));
  if (directory == nullptr) return false;
  // One directory of our own; nobody else reads it.
  while (const dirent* const entry = readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const int descriptor = std::atoi(entry->d_name);
    if (descriptor <= 2 || !may_be_ours(descriptor)) continue;
    if (found.count == found.all.size()) return false;
    found.all[found.count++] = {descriptor, true, true, 0};
  }
  return found.count > 0;
}

void compare(Candidate& candidate, int rings) noexcept {
  int unread = -1;
  if (ioctl(candidate.descriptor, FIONREAD, &unread) != 0 || unread != rings) {
    candidate.is_reader = false;
  }
  int unsent = -1;
  if (ioctl(candidate.descriptor, SIOCOUTQ, &unsent) != 0) unsent = -1;
  if (rings == 1) candidate.sent_by_one = unsent;
  if (unsent != rings * candidate.sent_by_one || (rings > 0 && unsent == 0)) {
    candidate.is_writer = false;
  }
}

}  // namespace

bool keep_from_children(const Bell& bell) noexcept {
  Candidates candidates;
  if (!find_candidates(candidates)) return false;
  bell.silence(bell.self);
  for (const int rings : {1, 0, 3, 0, 7, 0}) {
    for (int i = 0; i < rings; ++i) bell.ring(bell.self);
    if (rings == 0) bell.silence(bell.self);
    for (std::size_t i = 0; i < candidates.count; ++i) compare(candidates.all[i], rings);
  }
  // Both ends of a pipe say what is in it; of a pair of sockets, one end reads and one writes.
  int readers = 0;
  int writers = 0;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    readers += candidates.all[i].is_reader ? 1 : 0;
    writers += candidates.all[i].is_writer ? 1 : 0;
  }
  const bool is_certain = (readers == 1 && writers == 1) || (readers == 2 && writers == 0);
  if (!is_certain) return false;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    const Candidate& candidate = candidates.all[i];
    if (candidate.is_reader || candidate.is_writer) {
      fcntl(candidate.descriptor, F_SETFD, FD_CLOEXEC);
    }
  }
  return true;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

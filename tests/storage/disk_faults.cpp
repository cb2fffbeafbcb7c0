#include "tests/storage/disk_faults.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace langfuse_test {
namespace {

std::atomic<int> failing_call{-1};
std::atomic<int> failing_error{0};
std::atomic<int> calls_left{0};

bool fails(DiskCall call) {
  return failing_call == static_cast<int>(call) && calls_left.fetch_sub(1) <= 0;
}

}  // namespace

DiskFault::DiskFault(DiskCall call, int error, int calls_before) {
  failing_error = error;
  calls_left = calls_before;
  failing_call = static_cast<int>(call);
}

DiskFault::~DiskFault() {
  failing_call = -1;
}

}  // namespace langfuse_test

using langfuse_test::DiskCall;

extern "C" int posix_fallocate(int file, off_t offset, off_t size) {
  if (langfuse_test::fails(DiskCall::allocate)) return langfuse_test::failing_error;
  if (syscall(SYS_fallocate, file, 0, offset, size) == 0) return 0;
  // Some file systems cannot; the C library would write to each block then.
  if (errno == EOPNOTSUPP && ftruncate(file, offset + size) == 0) return 0;
  return errno;
}

extern "C" ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  if (langfuse_test::fails(DiskCall::write)) {
    errno = langfuse_test::failing_error;
    return -1;
  }
  return syscall(SYS_pwrite64, file, bytes, size, offset);
}

extern "C" int fdatasync(int file) {
  if (langfuse_test::fails(DiskCall::sync)) {
    errno = langfuse_test::failing_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

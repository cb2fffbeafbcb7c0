// Calls of the disk that fail, for tests: these functions of the C library are replaced in the test
// program, and do what they always do while no `DiskFault` lives.
#pragma once

#include <cerrno>

namespace langfuse_test {

enum class DiskCall { allocate, write, sync };

// While it lives, all such calls of this process fail after the first `calls_before`. One at a
// time.
class DiskFault {
 public:
  DiskFault(DiskCall call, int error, int calls_before = 0);
  ~DiskFault();
  DiskFault(const DiskFault&) = delete;
  DiskFault& operator=(const DiskFault&) = delete;
};

}  // namespace langfuse_test

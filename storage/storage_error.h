// Why a directory or a segment file cannot be used, as a value.
#pragma once

#include <cstdint>
#include <string>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class StorageFault : std::uint8_t {
  none,
  system,              // a system call failed: `StorageError::system_error`
  not_private,         // a directory that others can write to or look into
  not_ours,            // owned by another user
  not_a_folder,        // a file, or a symbolic link
  not_a_segment_file,  // a link, a device, a file with two names or with other access rights
  in_use,              // by a process that runs, or by this one
  gone,                // somebody else took it
  other_project,       // the records belong to another project or server
  newer_format,        // written by a later version
  damaged_head,        // no record can be read
  head_too_long,       // the resource has more than a head can hold
};

struct StorageError {
  StorageFault fault = StorageFault::none;
  int system_error = 0;  // an `errno`
  std::string subject;   // what was done to what

  explicit operator bool() const noexcept { return fault != StorageFault::none; }
  // For people: one sentence without a full stop.
  std::string message() const;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

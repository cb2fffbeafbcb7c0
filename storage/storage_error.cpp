#include "storage/storage_error.h"

#include <system_error>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::string reason(const StorageError& error) {
  switch (error.fault) {
    case StorageFault::none:
      return "no error";
    case StorageFault::system:
      return std::generic_category().message(error.system_error);
    case StorageFault::not_private:
      return "others than its owner have access to it; chmod 700 it";
    case StorageFault::not_ours:
      return "it belongs to another user";
    case StorageFault::not_a_folder:
      return "it is not a directory; symbolic links are not followed";
    case StorageFault::not_a_segment_file:
      return "it is not a file that this library made";
    case StorageFault::in_use:
      return "a process that runs is using it";
    case StorageFault::gone:
      return "another process took it";
    case StorageFault::other_project:
      return "its records belong to another project or server";
    case StorageFault::newer_format:
      return "a later version of this library wrote it";
    case StorageFault::damaged_head:
      return "its head is damaged";
    case StorageFault::head_too_long:
      return "the resource attributes take more than 60 KiB";
  }
  return "unknown";
}

}  // namespace

std::string StorageError::message() const {
  return subject + ": " + reason(*this);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The front loggers that exist, for `attach` and `detach`. Not for users.
//
// It knows no spdlog, and it is compiled so that `spdlog_attach.h` stays short.
#pragma once

#include <memory>

#include "langfuse/export.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The front loggers that `attach` made. One that is gone is no longer found.
// REQUIRES: one thread at a time, for all three.
LANGFUSE_API void add_front(std::weak_ptr<void> owner, const void* front, const void* original);
// The front that `logger` is, or whose original it is; null for others.
LANGFUSE_API std::shared_ptr<void> find_front(const void* logger);
LANGFUSE_API void remove_front(const void* front) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

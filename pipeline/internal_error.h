// An `Error` about the system, made where memory may be short.
#pragma once

#include <new>
#include <string_view>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `ErrorCode::internal` with the two texts as its message; without memory for them, "no memory".
inline Error internal_error(std::string_view what, std::string_view detail = {}) noexcept {
  Error error;
  error.code = ErrorCode::internal;
  try {
    error.message.reserve(what.size() + detail.size());
    error.message.append(what).append(detail);
  } catch (const std::bad_alloc&) {
    error.message = "no memory";  // short enough to need none
  }
  return error;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

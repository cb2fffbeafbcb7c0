// The buffer behind `JsonText`. It collects the JSON that an `AsJson` writes, up to the size that
// will be kept.
#pragma once

#include <cstddef>
#include <string_view>

#include "langfuse/tracing/observe.h"
#include "tracing/bytes/growing_array.h"

namespace langfuse {
inline namespace v0_1 {

struct JsonTextAccess {
  static JsonText make(void* buffer) noexcept { return JsonText(buffer); }
};

namespace internal {

struct JsonBuffer {
  GrowingArray<char> text;
  std::size_t max_bytes = 0;  // bytes beyond are only counted
  std::size_t full_size = 0;  // of all that was written
  bool is_out_of_memory = false;

  std::string_view view() const noexcept { return {text.data(), text.size()}; }
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

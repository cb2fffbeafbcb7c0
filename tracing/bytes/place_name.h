// The name of an observation that is given none: from its place in the source.
#pragma once

#include <cstddef>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The function, without template arguments. Where compilers do not agree on its name: `file:line`,
// without the file's folder. `function` and `file` may be null.
class PlaceName {
 public:
  PlaceName(const char* function, const char* file, int line) noexcept;
  PlaceName(const PlaceName&) = delete;
  PlaceName& operator=(const PlaceName&) = delete;

  // Valid as long as this object and the texts it was made from.
  std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
  char buffer_[256];
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

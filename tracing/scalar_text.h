// Numbers and bools as text, as inputs and outputs carry them and a mask sees them.
#pragma once

#include <cstddef>
#include <string_view>

#include "langfuse/tracing/value.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// In the form of JSON, except for NaN and the infinities. Numbers without a fraction have no point
// and, up to 2^53, no exponent.
class ScalarText {
 public:
  // REQUIRES: a number or a bool.
  explicit ScalarText(const Value& value) noexcept;

  std::string_view view() const noexcept { return {text_, size_}; }

 private:
  char text_[32];
  std::size_t size_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

#include "tracing/bytes/place_name.h"

#include <algorithm>
#include <charconv>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// What both compilers call a function; empty where they disagree or have no name: in a call
// operator, lambdas included, and outside any function (one calls that
// `__static_initialization_and_destruction_0`, the other nothing).
std::string_view function_name(const char* function) noexcept {
  if (function == nullptr) return {};
  const std::string_view name = function;
  constexpr std::string_view call_operator = "operator()";
  if (name.substr(0, call_operator.size()) == call_operator || name.substr(0, 2) == "__") return {};
  // The `<` of an operator is no template argument list.
  constexpr std::string_view less_operator = "operator<";
  const std::size_t begin = name.substr(0, less_operator.size()) == less_operator
                                ? name.find_first_not_of("<=>", less_operator.size())
                                : 0;
  return name.substr(0, name.find('<', std::min(begin, name.size())));
}

}  // namespace

PlaceName::PlaceName(const char* function, const char* file, int line) noexcept
    : text_(function_name(function)) {
  if (!text_.empty()) return;
  constexpr std::size_t room_for_line = 16;
  std::string_view name = file == nullptr ? "" : file;
  name.remove_prefix(std::min(name.size(), name.find_last_of("/\\") + 1));
  std::size_t size = name.copy(buffer_, sizeof buffer_ - room_for_line);
  buffer_[size++] = ':';
  const char* const end = std::to_chars(buffer_ + size, buffer_ + sizeof buffer_, line).ptr;
  text_ = {buffer_, static_cast<std::size_t>(end - buffer_)};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// Reads JSON from outside one value after the other, without a tree.
//
// Taking down a tree of the JSON library needs memory too, and ends the process where there is
// none. The background thread, which reads the server's answers, must not do that.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A text, a number, a boolean or null. The views end with the call.
struct JsonScalar {
  enum class Kind : std::uint8_t { text, integer, other };

  // A JSON pointer (RFC 6901): `/errors/0/message`.
  std::string_view path;
  Kind kind = Kind::other;
  std::string_view text;     // of a text
  std::int64_t integer = 0;  // of an integer
};

// Calls `on_scalar` for each scalar of `body`, in order. Accepts what `readable_json` accepts.
// False when the text is not complete JSON; what was passed to `on_scalar` must then not be used.
// Throws for lack of memory, and what `on_scalar` throws.
bool walk_json(std::string_view body, const std::function<void(const JsonScalar&)>& on_scalar);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

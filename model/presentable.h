// Makes text fit to be shown: in a diagnostic, or in a result of the library.
//
// Text from outside (a server's answer, an exception's message) passes here before it is shortened
// anywhere: half a secret would no longer be found.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The forms of the secret, none of which is ever shown. They are found also where they are
// percent-encoded, escaped as in JSON or HTML, once or several times, or folded into lines.
struct Secrets {
  Secrets() = default;
  explicit Secrets(const std::string& secret);  // empty: nothing to hide

  std::string plain;
  // The secret in base64, for each of the three positions at which it can begin in the encoded text
  // (`public key:secret` in a basic token). Without the first and last characters, which depend on
  // its neighbours.
  std::array<std::string, 3> encoded;
};

// `message` without secrets and control characters, cut at 1 024 bytes. Throws only for lack of
// memory.
std::string presentable(std::string_view message, const Secrets& secrets);

// Text from outside for such a message: without secrets, then cut to at most `most` bytes (3 or
// more), the last three of which are dots if it was longer. If `words` ends with the beginning of a
// secret, that counts as a secret that was cut earlier. Throws only for lack of memory.
std::string shortened(std::string_view words, std::size_t most, const Secrets& secrets);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

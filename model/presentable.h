// Text that may be shown: in a line of the library about itself, or in what it returns.
//
// Texts of others (a server's words, an exception's) go through here before they are shortened
// anywhere: half a secret is no longer found.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What is never shown. Each of these, found in a text, is (part of) the secret: also where it is
// percent-encoded, escaped as in JSON or HTML, once or more often, or folded into lines.
struct Secrets {
  Secrets() = default;
  explicit Secrets(const std::string& secret);  // empty: nothing to hide

  std::string plain;
  // The secret in base64 wherever it begins in what was encoded (`public key:secret` in a basic
  // token), without the first and last characters, which depend on its neighbours.
  std::array<std::string, 3> encoded;
};

// `message` without secrets and control characters, cut at 1 024 bytes. Throws only for lack of
// memory.
std::string presentable(std::string_view message, const Secrets& secrets);

// Words of others for such a message: without secrets, and then at most `most` bytes of them, at
// least 3, the last three of which are dots where there were more. What `words` ends with counts as
// a secret that somebody has cut before us, if one begins so. Throws only for lack of memory.
std::string shortened(std::string_view words, std::size_t most, const Secrets& secrets);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

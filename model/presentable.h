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

// What is never shown. Each of these, found in a text, is (part of) the secret.
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

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

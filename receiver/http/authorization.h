// Who may use the API: checks the `Authorization` header as a Langfuse server does, with its
// answers.

#pragma once

#include <string>

namespace langfuse_receiver {

struct Keys {
  std::string public_key = "pk-lf-local";
  std::string secret_key = "sk-lf-local";
};

enum class Access {
  none,
  scores_only,  // `Bearer <public key>`
  full,         // `Basic base64(public key:secret key)`
};

struct Authorization {
  Access access = Access::none;
  std::string problem;  // the server's sentence, when access is none
};

// Stricter than the server in one point: the public key must match too, where the server only
// looks at the secret one.
Authorization authorize(const std::string& header, const Keys& keys);

}  // namespace langfuse_receiver

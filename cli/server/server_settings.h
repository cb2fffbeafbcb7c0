// The server of a subcommand, and the keys for it.

#pragma once

#include <cstdlib>
#include <string>

#include "cli/server/api_reader.h"

namespace langfuse_cli {

// If `url` is empty, it is LANGFUSE_BASE_URL, or the local receiver's default without that. The
// keys are those of the environment, or the local receiver's without them.
inline ApiReader reader_of(const std::string& url) {
  const auto setting = [](const char* name, const char* fallback) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr || *value == '\0' ? fallback : value);
  };
  return {url.empty() ? setting("LANGFUSE_BASE_URL", "http://127.0.0.1:3000") : url,
          setting("LANGFUSE_PUBLIC_KEY", "pk-lf-local"),
          setting("LANGFUSE_SECRET_KEY", "sk-lf-local")};
}

}  // namespace langfuse_cli

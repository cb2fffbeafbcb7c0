// Which server a subcommand talks to, and as whom.

#pragma once

#include <cstdlib>
#include <string>

#include "cli/server/api_reader.h"

namespace langfuse_cli {

// `url` empty: LANGFUSE_BASE_URL, else the local receiver's default. The keys are those of the
// environment, else the local receiver's.
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

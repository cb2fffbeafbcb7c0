#include "receiver/spans/environment.h"

#include <algorithm>

#include "receiver/base/text.h"

namespace langfuse_receiver {

std::string given_environment(const ReceivedSpan& span) {
  for (const char* key :
       {"langfuse.environment", "deployment.environment.name", "deployment.environment"}) {
    for (const Attributes* attributes : {&span.attributes, &span.origin->resource}) {
      if (std::string text = first_text(*attributes, key); !text.empty()) {
        return text;
      }
    }
  }
  return {};
}

std::string normalize_environment(std::string_view environment) {
  std::string text = lowered(environment);
  while (starts_with(text, "langfuse")) {
    text.erase(0, 8);
    if (!text.empty() && (text.front() == '-' || text.front() == '_')) {
      text.erase(0, 1);
    }
  }
  text = text.substr(0, 40);
  const bool is_valid = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return text.empty() || !is_valid ? "default" : text;
}

}  // namespace langfuse_receiver

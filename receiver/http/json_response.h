// Answers that are JSON.

#pragma once

#include <string>

#include "receiver/base/json_text.h"
#include "receiver/http/http_message.h"

namespace langfuse_receiver {

inline HttpResponse json_response(int status, const Json& json) {
  return {status, to_text(json), "application/json", {}};
}

// `{"error": text}`
inline HttpResponse error_response(int status, const std::string& text) {
  return json_response(status, {{"error", text}});
}

}  // namespace langfuse_receiver

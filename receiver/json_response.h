// An answer that is JSON.

#pragma once

#include "receiver/http_message.h"
#include "receiver/json_text.h"

namespace langfuse_receiver {

inline HttpResponse json_response(int status, const Json& json) {
  return {status, to_text(json), "application/json", {}};
}

}  // namespace langfuse_receiver

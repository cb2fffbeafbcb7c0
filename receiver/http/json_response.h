// An answer that is JSON.

#pragma once

#include "receiver/base/json_text.h"
#include "receiver/http/http_message.h"

namespace langfuse_receiver {

inline HttpResponse json_response(int status, const Json& json) {
  return {status, to_text(json), "application/json", {}};
}

}  // namespace langfuse_receiver

// What a service propagates with each request.
#pragma once

#include <langfuse/tracing/propagation.h>

namespace langfuse_bench {

inline langfuse::PropagatedAttributes five_attributes() {
  langfuse::PropagatedAttributes attributes;
  attributes.set_user_id("user-4711")
      .set_session_id("session-0815")
      .set_trace_name("order")
      .set_version("1.4.2")
      .set_metadata("tenant", "acme");
  return attributes;
}

}  // namespace langfuse_bench

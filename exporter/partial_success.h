// What an OTLP answer that accepts a batch says against some of its records. Langfuse never does;
// collectors do.
#pragma once

#include <cstdint>
#include <string>

#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct PartialSuccess {
  std::uint64_t rejected_spans = 0;  // which of them, the server does not say
  std::string words;                 // the server's; without rejections a warning, if any
};

// Reads `ExportTraceServiceResponse.partial_success`, as protobuf or JSON by the content type of
// `reply`. What cannot be read says nothing; what was read before the answer breaks off counts.
// Throws only for lack of memory. Source: opentelemetry-proto, trace_service.proto 1.x.
PartialSuccess read_partial_success(const HttpReply& reply);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

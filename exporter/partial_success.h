// Reads which part of a batch an accepting OTLP answer rejects. Langfuse never rejects a part;
// collectors do.
#pragma once

#include <cstdint>
#include <string>

#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct PartialSuccess {
  std::uint64_t rejected_spans = 0;  // their number; the answer does not name them
  std::string words;                 // the server's; without rejections a warning, if any
};

// Reads `ExportTraceServiceResponse.partial_success`, as protobuf or JSON by the content type of
// `reply`. An unreadable answer rejects nothing; if it breaks off, the part before counts. Throws
// only for lack of memory. Source: opentelemetry-proto, trace_service.proto 1.x.
PartialSuccess read_partial_success(const HttpReply& reply);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

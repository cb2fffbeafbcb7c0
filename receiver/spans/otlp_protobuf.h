// Decodes `ExportTraceServiceRequest` in its protobuf form. The JSON form is read by `otlp_json.h`;
// both give the same spans for the same export.

#pragma once

#include <string_view>
#include <vector>

#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// The spans in the order sent. Throws `InvalidExport`: "Failed to parse OTel Protobuf Trace: …" if
// the bytes are not this message, "Invalid OTLP trace export: …", naming the span and the field, if
// a span has no id or an attribute no value. Text that is not UTF-8 is repaired with U+FFFD.
// Field numbers: opentelemetry-proto, trace/v1, common/v1, resource/v1.
std::vector<ReceivedSpan> decode_otlp_protobuf(std::string_view body);

}  // namespace langfuse_receiver

// Decodes `ExportTraceServiceRequest` in its JSON form, and refuses it as a whole, as the server
// does, if one span in it cannot be processed. The protobuf form is read by `otlp_protobuf.h`; both
// give the same spans for the same export.

#pragma once

#include <string_view>
#include <vector>

#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// The spans in the order sent; empty if there are no `resourceSpans`. Throws `InvalidExport`:
// "Failed to parse OTel JSON Trace: …" if the body is not a JSON object, "Invalid OTLP trace
// export: …", naming the span and the field, if its structure is wrong. Stricter than the server in
// one point: an attribute without a value is refused here, where the server answers 200 and later
// loses the whole batch.
std::vector<ReceivedSpan> decode_otlp_json(std::string_view body);

// The same of a body that has been read already. REQUIRES: an object.
std::vector<ReceivedSpan> decode_otlp_request(const Json& request);

}  // namespace langfuse_receiver

// Traces in the formats of other programs: OTLP JSON, which any receiver takes, this one without
// loss, and the trace format of Chrome, which Perfetto draws.

#pragma once

#include "receiver/http/http_message.h"
#include "receiver/store/store.h"

namespace langfuse_receiver {

// `GET /local/export?trace=<id>|all&format=otlp|chrome`: a stream, so that a database of any size
// can be sent. OTLP comes as one export request a line, the traces in the order of their arrival.
// When the database fails midway the last line says so; no reader takes it for an export. Scores
// and warnings are not part of it.
HttpResponse export_traces(const HttpRequest& request, Store& store);

}  // namespace langfuse_receiver

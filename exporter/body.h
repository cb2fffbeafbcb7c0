// Request bodies from finished records.
//
// Records are laid end to end unchanged; only what surrounds them is encoded here.
#pragma once

#include <string>
#include <string_view>

#include "model/otlp_batch.h"
#include "storage/record_runs.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Replaces `body` by an OTLP `ExportTraceServiceRequest` with `records`, all of the route `spans`.
void build_spans_body(const OtlpBatchHeader& header, const RecordRuns& records, std::string& body);

// Replaces `body` by the JSON body of the ingestion route: `records`, all of the route `scores`,
// each the JSON text of one event. `public_key`: printable ASCII.
void build_scores_body(std::string_view public_key, const RecordRuns& records, std::string& body);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

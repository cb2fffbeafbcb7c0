// Request bodies from finished records.
//
// Records are laid end to end unchanged; only what surrounds them is encoded here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/otlp_batch.h"
#include "storage/record_runs.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Replaces `body` by an OTLP `ExportTraceServiceRequest` with `records`, all of the route `spans`.
void build_spans_body(const OtlpBatchHeader& header, const RecordRuns& records, std::string& body);

// The same in pieces: `head`, which it replaces, and the runs of `records` where they lie. Valid
// until either is changed.
std::vector<std::string_view> spans_body_in_pieces(const OtlpBatchHeader& header,
                                                   const RecordRuns& records, std::string& head);

// Replaces `body` by the JSON body of the ingestion route: `records`, all of the route `scores`,
// each the JSON text of one event. `public_key`: printable ASCII.
void build_scores_body(std::string_view public_key, const RecordRuns& records, std::string& body);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

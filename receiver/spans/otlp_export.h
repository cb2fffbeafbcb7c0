// Observations as OTLP JSON: the way back from `span_conversion.h`.

#pragma once

#include <vector>

#include "receiver/rows/observation_row.h"

namespace langfuse_receiver {

// One `ExportTraceServiceRequest`. Received again it makes the same rows, but for who sent them and
// when, and for the warnings: whatever the spans and their metadata were called. REQUIRES: rows
// that `to_observation` made.
Json otlp_request(const std::vector<ObservationRow>& rows);

}  // namespace langfuse_receiver

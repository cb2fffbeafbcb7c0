// Observations in the trace format of Chrome, which Perfetto draws.

#pragma once

#include <cstdint>
#include <vector>

#include "receiver/rows/observation_row.h"

namespace langfuse_receiver {

// A `b` and an `e` for each observation, with its id as `id2`; for a log line an `n` on its parent.
// `process` groups what belongs to one trace.
std::vector<Json> chrome_events(const std::vector<ObservationRow>& rows, std::int64_t process);

}  // namespace langfuse_receiver

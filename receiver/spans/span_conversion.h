// Makes an observation of a span by the rules of a Langfuse v4 server's direct path: type, level,
// metadata, trace attributes, environment, usage and cost. Pure functions, no storage.
// Source of the rules: langfuse `packages/shared/src/server/otel/OtelIngestionProcessor.ts` and
// `ObservationTypeMapper.ts`, v4.16.0.

#pragma once

#include "receiver/rows/observation_row.h"
#include "receiver/rows/sender.h"
#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// Throws `InvalidExport`, naming the span, for numbers that a server's database cannot hold: there
// they are answered with 200 and later lose the whole batch.
ObservationRow to_observation(const ReceivedSpan& span, const Sender& sender,
                              std::int64_t now_unix_nano);

}  // namespace langfuse_receiver

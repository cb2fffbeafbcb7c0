// Makes an observation of a span by the rules of a Langfuse v4 server's direct path: type, level,
// metadata, trace attributes, environment, usage and cost. Pure functions, no storage.
// Source of the rules: langfuse `packages/shared/src/server/otel/OtelIngestionProcessor.ts` and
// `ObservationTypeMapper.ts`, v4.16.0.

#pragma once

#include <string>
#include <string_view>

#include "receiver/rows/observation_row.h"
#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// Who sent a request, from its headers; stored with each row.
struct Sender {
  std::string public_key;
  std::string sdk_name = "unknown";
  std::string sdk_version;
};

// Throws `InvalidExport`, naming the span, for numbers that a server's database cannot hold: there
// they are answered with 200 and later lose the whole batch.
ObservationRow to_observation(const ReceivedSpan& span, const Sender& sender,
                              std::int64_t now_unix_nano);

// The environment as sent, by the span or its resource; empty if none was.
std::string given_environment(const ReceivedSpan& span);

// Lower case, without leading `langfuse`, at most 40 characters of `a-z0-9-_`; else "default".
std::string normalize_environment(std::string_view environment);

}  // namespace langfuse_receiver

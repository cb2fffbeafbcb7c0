// Rows for tests of the store and of what reads it.

#pragma once

#include <string>

#include "receiver/rows/observation_row.h"

namespace langfuse_test {

inline constexpr std::int64_t first_start = 1'786'000'000'000'000'000;

// A root span of 10 ns.
inline langfuse_receiver::ObservationRow observation(const std::string& trace_id,
                                                     const std::string& span_id,
                                                     std::int64_t after_start = 0) {
  langfuse_receiver::ObservationRow row;
  row.trace_id = trace_id;
  row.span_id = span_id;
  row.name = "step " + span_id;
  row.type = "SPAN";
  row.level = "DEFAULT";
  row.environment = "default";
  row.start_unix_nano = first_start + after_start;
  row.end_unix_nano = row.start_unix_nano + 10;
  return row;
}

}  // namespace langfuse_test

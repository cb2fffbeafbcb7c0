// Records of scores for tests that do not care what was scored.
#pragma once

#include <string>
#include <string_view>

#include "model/score_layout.h"
#include "tests/support/records.h"

namespace langfuse::internal {

// An event id that ends with `number`, 0 to 9.
inline std::string event_id(int number) {
  return "0f6d3c1e-6a4b-4f0e-9a55-2f1c7b0f9a0" + std::to_string(number);
}

// A whole event around `body`.
inline RecordPtr make_score(int number, std::string_view body = "{}") {
  std::string event(score_event_begin);
  event.append(event_id(number)).append(score_event_type).append("2026-08-06T07:06:43.120Z");
  event.append(score_event_body).append(body).append(score_event_end);
  return make_record(event, RecordKind::score);
}

}  // namespace langfuse::internal

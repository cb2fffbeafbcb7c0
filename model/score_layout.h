// The bytes of a score's record: one complete event of the ingestion route, for instance
//
//   {"id":"0f6d3c1e-6a4b-4f0e-9a55-2f1c7b0f9a01","type":"score-create",
//    "timestamp":"2026-08-06T07:06:43.120Z","body":{"id":"…","traceId":"…","name":"…","value":0.92}}
//
// without the line break. All before the body has a fixed size, so that the exporter finds the id
// that an answer names, and the body that the other route takes, without reading JSON.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/random_ids.h"
#include "model/utc_time.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The text before the id, between id and time, between time and body, and at the end.
constexpr std::string_view score_event_begin = R"({"id":")";
constexpr std::string_view score_event_type = R"(","type":"score-create","timestamp":")";
constexpr std::string_view score_event_body = R"(","body":)";
constexpr std::string_view score_event_end = "}";

// The event's own id, which is not the score's. REQUIRES, for both functions: `event` holds the
// bytes of a score's record.
inline std::string_view event_id_of(std::string_view event) noexcept {
  return event.substr(score_event_begin.size(), UuidText::size);
}

// The JSON object that describes the score.
inline std::string_view score_body_of(std::string_view event) noexcept {
  constexpr std::size_t before = score_event_begin.size() + UuidText::size +
                                 score_event_type.size() + UtcTimeText::size +
                                 score_event_body.size();
  return event.substr(before, event.size() - before - score_event_end.size());
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

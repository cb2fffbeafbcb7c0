// The addresses of a server that the exporter talks to.
#pragma once

#include <cstdint>
#include <string>

#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class Endpoint : std::uint8_t {
  traces,     // POST: spans, as OTLP
  ingestion,  // POST: scores, as a batch of events
  scores,     // POST: one score; where `ingestion` is gone
  health,     // GET: whether a server without `ingestion` is Langfuse
};

// Requests to the addresses of a route follow each other.
constexpr Route route_of(Endpoint endpoint) noexcept {
  return endpoint == Endpoint::traces ? Route::spans : Route::scores;
}

// The complete address. `traces_url` is complete itself, `scores_url` the server that takes scores,
// without a trailing slash.
std::string url_of(Endpoint endpoint, const std::string& traces_url, const std::string& scores_url);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

// The addresses of a server that the exporter talks to, and what a request to each says of itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/http_transport.h"
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

// Requests of a route have a channel of the transport of their own.
constexpr HttpChannel channel_of(Route route) noexcept {
  return static_cast<HttpChannel>(route);
}

// A request to `url`, which is that of `endpoint`. `body` is borrowed; there is none for `health`.
HttpRequest request_to(Endpoint endpoint, std::string url, std::string_view body, bool is_gzip);

// The content type of an export of spans.
constexpr const char* otlp_content_type = "application/x-protobuf";

// The headers that say who we are, and those of the user (name, value), as lines for libcurl.
std::vector<std::string> common_headers(
    const std::string& public_key, const std::vector<std::pair<std::string, std::string>>& users);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

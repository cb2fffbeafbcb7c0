// The addresses of a server that the exporter sends to, and the headers of requests to each.
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

// The complete address. `traces_url` is complete itself. `scores_url` is the server that accepts
// scores, without a trailing slash.
std::string url_of(Endpoint endpoint, const std::string& traces_url, const std::string& scores_url);

// Each route has a channel of the transport of its own.
constexpr HttpChannel channel_of(Route route) noexcept {
  return static_cast<HttpChannel>(route);
}

// A request to `url`, the address of `endpoint`. What the pieces of `body` view is borrowed;
// `health` has none.
HttpRequest request_to(Endpoint endpoint, std::string url, std::vector<std::string_view> body,
                       bool is_gzip);

// The content type of an export of spans.
constexpr const char* otlp_content_type = "application/x-protobuf";

// The headers that identify the library and the project, and those of the user (name, value), as
// lines for libcurl.
std::vector<std::string> common_headers(
    const std::string& public_key, const std::vector<std::pair<std::string, std::string>>& users);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

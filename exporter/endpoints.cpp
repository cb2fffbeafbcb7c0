#include "exporter/endpoints.h"

#include "model/version.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::string url_of(Endpoint endpoint, const std::string& traces_url,
                   const std::string& scores_url) {
  switch (endpoint) {
    case Endpoint::traces:
      return traces_url;
    case Endpoint::ingestion:
      return scores_url + "/api/public/ingestion";
    case Endpoint::scores:
      return scores_url + "/api/public/scores";
    case Endpoint::health:
      return scores_url + "/api/public/health";
  }
  return {};
}

HttpRequest request_to(Endpoint endpoint, std::string url, std::vector<std::string_view> body,
                       bool is_gzip) {
  HttpRequest request;
  request.url = std::move(url);
  request.body = std::move(body);
  if (endpoint == Endpoint::health) request.method = HttpRequest::Method::get;
  if (route_of(endpoint) == Route::spans) {
    request.headers = {std::string("Content-Type: ") + otlp_content_type,
                       "x-langfuse-ingestion-version: 4"};
  } else {
    request.headers = {"Content-Type: application/json"};
    request.reply_limit = 1024 * 1024;  // scores are answered one by one, in some 60 bytes each
  }
  if (is_gzip) request.headers.emplace_back("Content-Encoding: gzip");
  return request;
}

std::vector<std::string> common_headers(
    const std::string& public_key, const std::vector<std::pair<std::string, std::string>>& users) {
  std::vector<std::string> lines = {"x-langfuse-sdk-name: cpp",
                                    std::string("x-langfuse-sdk-version: ") + version_text,
                                    "x-langfuse-public-key: " + public_key};
  for (const auto& [name, value] : users) {
    // "Name:" would tell libcurl to leave the header out, "Name;" sends it empty.
    std::string& line = lines.emplace_back(name);
    line += value.empty() ? ";" : ": ";
    line += value;
  }
  return lines;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse

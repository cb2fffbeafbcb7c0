// What a request of the exporter is, read back from it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "exporter/endpoints.h"

namespace langfuse::internal {

inline Endpoint endpoint_of(const HttpRequest& request) {
  const std::string_view url = request.url;
  const auto ends_with = [url](std::string_view end) {
    return url.size() >= end.size() && url.substr(url.size() - end.size()) == end;
  };
  if (ends_with("/api/public/ingestion")) return Endpoint::ingestion;
  if (ends_with("/api/public/scores")) return Endpoint::scores;
  if (ends_with("/api/public/health")) return Endpoint::health;
  return Endpoint::traces;
}

inline bool is_gzip(const HttpRequest& request) {
  return std::find(request.headers.begin(), request.headers.end(), "Content-Encoding: gzip") !=
         request.headers.end();
}

inline std::string body_of(const HttpRequest& request) {
  std::string body;
  for (const std::string_view piece : request.body) body += piece;
  return body;
}

}  // namespace langfuse::internal

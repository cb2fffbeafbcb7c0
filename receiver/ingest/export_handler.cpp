#include "receiver/ingest/export_handler.h"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "receiver/base/interruption.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/http/inflate.h"
#include "receiver/http/json_response.h"
#include "receiver/ingest/request_sender.h"
#include "receiver/spans/export_meter.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "receiver/spans/span_conversion.h"

namespace langfuse_receiver {
namespace {

// As JavaScript's `parseInt`: what follows the digits is ignored.
bool is_supported_version(const std::string& text) {
  char* end = nullptr;
  const long version = std::strtol(text.c_str(), &end, 10);
  return end != text.c_str() && version <= 4;
}

HttpResponse body_too_large(std::size_t limit) {
  return error_response(413,
                        "Request body exceeds the limit of " + std::to_string(limit) + " bytes");
}

// Why the sender may not send this; empty if it may.
std::optional<HttpResponse> refusal_of(const HttpRequest& request, const Keys& keys,
                                       std::size_t max_body_bytes) {
  const Authorization authorization = authorize(request.header("authorization"), keys);
  if (authorization.access == Access::none) {
    return json_response(401, {{"message", authorization.problem}});
  }
  if (authorization.access != Access::full) {
    return json_response(403,
                         {{"message", "Access denied: the public key alone may only send scores"}});
  }
  if (request.body_too_large) {
    return body_too_large(max_body_bytes);
  }
  return std::nullopt;
}

// The spans of `body` go to `store` as rows.
HttpResponse receive_spans(const HttpRequest& request, const Keys& keys, const std::string& body,
                           bool is_json, const StoreObservations& store) {
  try {
    const std::vector<ReceivedSpan> spans =
        is_json ? decode_otlp_json(body) : decode_otlp_protobuf(body);
    const std::string version = sdk_header(request, "x-langfuse-ingestion-version");
    if (!version.empty() && !spans.empty() && !is_supported_version(version)) {
      return error_response(400, "Unsupported x-langfuse-ingestion-version: " + version);
    }
    const Sender sender = sender_of(request, keys);
    const std::int64_t now = now_unix_nano();
    std::vector<ObservationRow> rows;
    rows.reserve(spans.size());
    for (const ReceivedSpan& span : spans) {
      throw_if_interrupted();
      rows.push_back(to_observation(span, sender, now));
    }
    if (!rows.empty()) {
      store(rows);
    }
  } catch (const InvalidExport& error) {
    return error_response(400, error.what());
  } catch (const ExportTooLarge& error) {
    return error_response(413, error.what());
  }
  return json_response(200, Json::object());
}

}  // namespace

HttpResponse receive_export(const HttpRequest& request, const Keys& keys,
                            std::size_t max_body_bytes, const StoreObservations& store) {
  if (std::optional<HttpResponse> refusal = refusal_of(request, keys, max_body_bytes)) {
    return std::move(*refusal);
  }
  std::string inflated;
  const bool is_gzip = request.header("content-encoding").find("gzip") != std::string::npos;
  if (is_gzip) {
    std::string problem;
    switch (inflate_gzip(request.body, max_body_bytes, inflated, problem)) {
      case InflateResult::ok:
        break;
      case InflateResult::invalid:
        return error_response(400, "Failed to decompress request body: " + problem);
      case InflateResult::too_large:
        return body_too_large(max_body_bytes);
    }
  }
  const std::string content_type = request.header("content-type");
  const bool is_json = contains_ignoring_case(content_type, "application/json");
  if (!is_json && !contains_ignoring_case(content_type, "application/x-protobuf")) {
    return error_response(400,
                          "Invalid content type: expected application/json or "
                          "application/x-protobuf, got \"" +
                              content_type + "\"");
  }
  return receive_spans(request, keys, is_gzip ? inflated : request.body, is_json, store);
}

}  // namespace langfuse_receiver

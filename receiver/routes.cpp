#include "receiver/routes.h"

#include <cstdlib>

#include "receiver/api/local_api.h"
#include "receiver/api/media_api.h"
#include "receiver/api/read_api.h"
#include "receiver/api/web_page.h"
#include "receiver/base/interruption.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/base/utf8_text.h"
#include "receiver/http/inflate.h"
#include "receiver/http/json_response.h"
#include "receiver/http/same_origin.h"
#include "receiver/ingest/score_ingestion.h"
#include "receiver/spans/export_meter.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "receiver/spans/span_conversion.h"

namespace langfuse_receiver {
namespace {

constexpr const char* otlp_path = "/api/public/otel/v1/traces";
constexpr const char* metrics_path = "/api/public/otel/v1/metrics";
constexpr const char* ingestion_path = "/api/public/ingestion";
constexpr const char* scores_path = "/api/public/scores";
constexpr const char* media_path = "/api/public/media";
constexpr const char* local_media_path = "/local/media/";
constexpr std::size_t max_ingestion_bytes = 4'500'000;

HttpResponse error_text(int status, const std::string& text) {
  return json_response(status, {{"error", text}});
}

HttpResponse method_not_allowed() {
  return json_response(405,
                       {{"message", "Method not allowed"}, {"error", "MethodNotAllowedError"}});
}

HttpResponse no_such_page() {
  return {404,
          "<!DOCTYPE html><title>404</title><h1>404</h1><p>This page could not be found.</p>",
          "text/html; charset=utf-8",
          {}};
}

// Header names arrive with hyphens or with underscores.
std::string sdk_header(const HttpRequest& request, std::string name) {
  std::string value = request.header(name);
  if (value.empty()) {
    for (char& c : name) {
      c = c == '-' ? '_' : c;
    }
    value = request.header(name);
  }
  return value;
}

Sender sender_of(const HttpRequest& request, const Keys& keys) {
  Sender sender;
  sender.public_key = keys.public_key;
  if (std::string name = sdk_header(request, "x-langfuse-sdk-name"); !name.empty()) {
    sender.sdk_name = repair_utf8(name);
  }
  sender.sdk_version = repair_utf8(sdk_header(request, "x-langfuse-sdk-version"));
  return sender;
}

// As JavaScript's `parseInt`: what follows the digits is ignored.
bool is_supported_version(const std::string& text) {
  char* end = nullptr;
  const long version = std::strtol(text.c_str(), &end, 10);
  return end != text.c_str() && version <= 4;
}

HttpResponse body_too_large(std::size_t limit) {
  return error_text(413, "Request body exceeds the limit of " + std::to_string(limit) + " bytes");
}

// The order of the checks is the server's.
HttpResponse receive_otlp(const HttpRequest& request, const RouteOptions& options, Store& store) {
  if (request.method != "POST") {
    return method_not_allowed();
  }
  const Authorization authorization = authorize(request.header("authorization"), options.keys);
  if (authorization.access == Access::none) {
    return json_response(401, {{"message", authorization.problem}});
  }
  if (authorization.access != Access::full) {
    return json_response(403,
                         {{"message", "Access denied: the public key alone may only send scores"}});
  }
  if (request.body_too_large) {
    return body_too_large(options.max_body_bytes);
  }
  std::string inflated;
  const bool is_gzip = request.header("content-encoding").find("gzip") != std::string::npos;
  if (is_gzip) {
    std::string problem;
    switch (inflate_gzip(request.body, options.max_body_bytes, inflated, problem)) {
      case InflateResult::ok:
        break;
      case InflateResult::invalid:
        return error_text(400, "Failed to decompress request body: " + problem);
      case InflateResult::too_large:
        return body_too_large(options.max_body_bytes);
    }
  }
  const std::string& body = is_gzip ? inflated : request.body;
  const std::string content_type = request.header("content-type");
  const bool is_json = contains_ignoring_case(content_type, "application/json");
  if (!is_json && !contains_ignoring_case(content_type, "application/x-protobuf")) {
    return error_text(400,
                      "Invalid content type: expected application/json or "
                      "application/x-protobuf, got \"" +
                          content_type + "\"");
  }
  try {
    const std::vector<ReceivedSpan> spans =
        is_json ? decode_otlp_json(body) : decode_otlp_protobuf(body);
    const std::string version = sdk_header(request, "x-langfuse-ingestion-version");
    if (!version.empty() && !spans.empty() && !is_supported_version(version)) {
      return error_text(400, "Unsupported x-langfuse-ingestion-version: " + version);
    }
    const Sender sender = sender_of(request, options.keys);
    const std::int64_t now = now_unix_nano();
    std::vector<ObservationRow> rows;
    rows.reserve(spans.size());
    for (const ReceivedSpan& span : spans) {
      throw_if_interrupted();
      rows.push_back(to_observation(span, sender, now));
    }
    if (!rows.empty()) {
      store.put(rows);
    }
  } catch (const InvalidExport& error) {
    return error_text(400, error.what());
  } catch (const ExportTooLarge& error) {
    return error_text(413, error.what());
  }
  return json_response(200, Json::object());
}

// What both routes that take scores check first; `ingest_body` does the rest.
template <typename Ingest>
HttpResponse receive_scores(const HttpRequest& request, const RouteOptions& options, Store& store,
                            Ingest ingest_body) {
  if (request.method != "POST") {
    return method_not_allowed();
  }
  // Next.js refuses these before the route runs.
  if (request.body_too_large || request.body.size() > max_ingestion_bytes) {
    return {413, "Body exceeded 4.5mb limit", "text/plain", {}};
  }
  const Authorization authorization = authorize(request.header("authorization"), options.keys);
  if (authorization.access == Access::none) {
    return json_response(401, {{"error", "UnauthorizedError"}, {"message", authorization.problem}});
  }
  if (!request.header("content-encoding").empty()) {
    return {400, "Invalid JSON", "text/plain", {}};  // this route does not inflate
  }
  if (!contains_ignoring_case(request.header("content-type"), "application/json")) {
    return json_response(400, {{"message", "Invalid request data"},
                               {"errors", {"expected content type application/json"}}});
  }
  IngestionResult result =
      ingest_body(request.body, sender_of(request, options.keys), now_unix_nano());
  if (!result.scores.empty()) {
    store.put(result.scores);
  }
  return std::move(result.response);
}

HttpResponse projects() {
  const Json organization = {{"id", project_id}, {"name", "Local"}};
  Json project = {{"id", project_id}, {"name", "Local receiver"}};
  project["organization"] = organization;
  project["metadata"] = Json::object();
  Json data = Json::array();
  data.push_back(std::move(project));
  return json_response(200, {{"data", std::move(data)}});
}

// The routes that need both keys; `read` answers.
template <typename Read>
HttpResponse with_keys(const HttpRequest& request, const char* method, const RouteOptions& options,
                       Read read) {
  if (request.method != method) {
    return method_not_allowed();
  }
  const Authorization authorization = authorize(request.header("authorization"), options.keys);
  if (authorization.access == Access::none) {
    return json_response(401, {{"message", authorization.problem}, {"error", "UnauthorizedError"}});
  }
  if (authorization.access != Access::full) {
    return json_response(403, {{"message", "Access denied"}, {"error", "ForbiddenError"}});
  }
  return read();
}

// `path` begins with `prefix`, and more follows.
bool is_below(const std::string& path, std::string_view prefix) {
  return path.size() > prefix.size() && starts_with(path, prefix);
}

HttpResponse media_route(const HttpRequest& request, const RouteOptions& options,
                         MediaStore& media) {
  const std::string& path = request.path;
  if (is_below(path, local_media_path)) {
    const std::string id = path.substr(std::string_view(local_media_path).size());
    if (request.method == "PUT") {
      return upload_media(request, id, media);
    }
    return request.method == "GET" || request.method == "HEAD" ? serve_media(id, media)
                                                               : method_not_allowed();
  }
  if (path == media_path) {
    return with_keys(request, "POST", options,
                     [&] { return announce_media(request, options.max_body_bytes, media); });
  }
  const std::string id = path.substr(std::string_view(media_path).size() + 1);
  if (request.method == "PATCH") {
    return with_keys(request, "PATCH", options, [&] { return report_media(request, id, media); });
  }
  return with_keys(request, "GET", options, [&] { return describe_media(request, id, media); });
}

HttpResponse route(const HttpRequest& request, const RouteOptions& options, Store& store) {
  const std::string& path = request.path;
  if (path == otlp_path) {
    return receive_otlp(request, options, store);
  }
  if (path == ingestion_path) {
    return receive_scores(request, options, store, ingest);
  }
  if (path == scores_path && request.method != "GET") {  // which a v4 server has no longer
    return receive_scores(request, options, store, ingest_score);
  }
  if (path == metrics_path && request.method == "POST") {
    return json_response(200, {{"message", "OK"}});  // a no-op on the server too
  }
  if (path == "/api/public/projects") {
    return with_keys(request, "GET", options, [] { return projects(); });
  }
  if (path == "/api/public/v2/observations") {
    return with_keys(request, "GET", options, [&] { return read_observations(request, store); });
  }
  if (path == "/api/public/v3/scores") {
    return with_keys(request, "GET", options, [&] { return read_scores(request, store); });
  }
  const bool is_media = path == media_path || is_below(path, std::string(media_path) + "/") ||
                        is_below(path, local_media_path);
  if (is_media && options.media != nullptr) {
    return media_route(request, options, *options.media);
  }
  const bool is_open = path == "/" || path == "/api/public/health" || path == "/api/public/ready" ||
                       starts_with(path, "/local/");
  if (!is_open) {
    // The deep links of the SDKs.
    for (const std::string& prefix :
         {std::string("/project/") + project_id + "/traces/", std::string("/trace/")}) {
      if (is_below(path, prefix) &&
          path.find_first_not_of("0123456789abcdefABCDEF", prefix.size()) == std::string::npos) {
        return {302, {}, {}, {{"Location", "/#/trace/" + path.substr(prefix.size())}}};
      }
    }
    if (path.size() > 1 && path.back() == '/' && starts_with(path, "/api/")) {
      return {308, {}, {}, {{"Location", path.substr(0, path.size() - 1)}}};
    }
    return no_such_page();
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return method_not_allowed();
  }
  if (path == "/") {
    return web_page();
  }
  if (path == "/api/public/health" || path == "/api/public/ready") {
    return json_response(200, {{"status", "OK"}, {"version", server_version}});
  }
  if (path == "/local/events" && options.events != nullptr) {
    return options.events->open();
  }
  return read_local(request, store, options.media);
}

// A database that fails is no client's fault and may be mended: clients keep what they have and try
// again.
HttpResponse route_or_say_why(const HttpRequest& request, const RouteOptions& options,
                              Store& store) {
  try {
    return route(request, options, store);
  } catch (const RowsRefused& error) {
    return error_text(400, error.what());
  } catch (const StoreError& error) {
    return error_text(503, error.what());
  }
}

}  // namespace

HttpResponse answer(const HttpRequest& request, const RouteOptions& options, Store& store) {
  HttpResponse response =
      is_same_origin(request.header("host"), request.header("origin"), options.port)
          ? route_or_say_why(request, options, store)
          : json_response(403, {{"message",
                                 "Only this machine may talk to the local receiver: "
                                 "Host and Origin must be localhost:" +
                                     std::to_string(options.port)}});
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace langfuse_receiver

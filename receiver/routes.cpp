#include "receiver/routes.h"

#include "receiver/api/local_api.h"
#include "receiver/api/media_api.h"
#include "receiver/api/read_api.h"
#include "receiver/api/web_page.h"
#include "receiver/base/text.h"
#include "receiver/http/json_response.h"
#include "receiver/http/same_origin.h"
#include "receiver/ingest/export_handler.h"
#include "receiver/ingest/score_handler.h"

namespace langfuse_receiver {
namespace {

constexpr const char* otlp_path = "/api/public/otel/v1/traces";
constexpr const char* metrics_path = "/api/public/otel/v1/metrics";
constexpr const char* ingestion_path = "/api/public/ingestion";
constexpr const char* scores_path = "/api/public/scores";
constexpr const char* media_path = "/api/public/media";
constexpr const char* local_media_path = "/local/media/";

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
  const bool brings_something = path == otlp_path || path == ingestion_path ||
                                (path == scores_path && request.method != "GET");
  if (brings_something && request.method != "POST") {
    return method_not_allowed();
  }
  const auto store_rows = [&store](const auto& rows) { store.put(rows); };
  if (path == otlp_path) {
    return receive_export(request, options.keys, options.max_body_bytes, store_rows);
  }
  if (path == ingestion_path) {
    return receive_score_batch(request, options.keys, store_rows);
  }
  if (path == scores_path && request.method != "GET") {  // which a v4 server has no longer
    return receive_score(request, options.keys, store_rows);
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
    return error_response(400, error.what());
  } catch (const StoreError& error) {
    return error_response(503, error.what());
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

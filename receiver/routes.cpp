#include "receiver/routes.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

// A request on its way to what answers it.
struct Call {
  const HttpRequest& request;
  const RouteOptions& options;
  Store& store;
  std::string rest;  // of the path: what stands for the `*` of the route
};

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

HttpResponse no_page(const Call& /*call*/) {
  return no_such_page();
}

HttpResponse take_export(const Call& call) {
  return receive_export(call.request, call.options.keys, call.options.max_body_bytes,
                        [&call](const std::vector<ObservationRow>& rows) { call.store.put(rows); });
}

HttpResponse take_score_batch(const Call& call) {
  return receive_score_batch(call.request, call.options.keys,
                             [&call](const std::vector<ScoreRow>& rows) { call.store.put(rows); });
}

HttpResponse take_score(const Call& call) {
  return receive_score(call.request, call.options.keys,
                       [&call](const std::vector<ScoreRow>& rows) { call.store.put(rows); });
}

// A no-op on the server too.
HttpResponse ignore_metrics(const Call& /*call*/) {
  return json_response(200, {{"message", "OK"}});
}

HttpResponse health(const Call& /*call*/) {
  return json_response(200, {{"status", "OK"}, {"version", server_version}});
}

HttpResponse projects(const Call& /*call*/) {
  return read_projects();
}

HttpResponse observations(const Call& call) {
  return read_observations(call.request, call.store);
}

HttpResponse scores(const Call& call) {
  return read_scores(call.request, call.store);
}

HttpResponse announce(const Call& call) {
  return announce_media(call.request, call.options.max_body_bytes, *call.options.media);
}

HttpResponse report(const Call& call) {
  return report_media(call.request, call.rest, *call.options.media);
}

HttpResponse describe(const Call& call) {
  return describe_media(call.request, call.rest, *call.options.media);
}

HttpResponse upload(const Call& call) {
  return upload_media(call.request, call.rest, *call.options.media);
}

HttpResponse serve(const Call& call) {
  return serve_media(call.rest, *call.options.media);
}

HttpResponse page(const Call& /*call*/) {
  return web_page();
}

HttpResponse events(const Call& call) {
  return call.options.events->open();
}

HttpResponse local(const Call& call) {
  return read_local(call.request, call.store, call.options.media);
}

enum class Methods { any, get, get_or_head, patch, post, put };

// What a client must have. Handlers of what clients bring look at the keys by themselves: in the
// order of the server, with its words.
enum class Needs { nothing, both_keys };

// Without this part there is no such route.
enum class Part { always, events, media };

struct Route {
  Methods methods;
  const char* path;  // `*` at its end: one character or more
  Needs needs;
  Part part;
  HttpResponse (*handler)(const Call& call);
};

// The first row whose path and method fit answers. A path that fits without a method is answered
// with 405.
constexpr Route routes[] = {
    {Methods::post, "/api/public/otel/v1/traces", Needs::nothing, Part::always, take_export},
    {Methods::post, "/api/public/otel/v1/metrics", Needs::nothing, Part::always, ignore_metrics},
    {Methods::any, "/api/public/otel/v1/metrics", Needs::nothing, Part::always, no_page},
    {Methods::post, "/api/public/ingestion", Needs::nothing, Part::always, take_score_batch},
    {Methods::post, "/api/public/scores", Needs::nothing, Part::always, take_score},
    // Which a v4 server has no longer.
    {Methods::get, "/api/public/scores", Needs::nothing, Part::always, no_page},
    {Methods::get, "/api/public/projects", Needs::both_keys, Part::always, projects},
    {Methods::get, "/api/public/v2/observations", Needs::both_keys, Part::always, observations},
    {Methods::get, "/api/public/v3/scores", Needs::both_keys, Part::always, scores},
    {Methods::post, "/api/public/media", Needs::both_keys, Part::media, announce},
    {Methods::patch, "/api/public/media/*", Needs::both_keys, Part::media, report},
    {Methods::get, "/api/public/media/*", Needs::both_keys, Part::media, describe},
    {Methods::put, "/local/media/*", Needs::nothing, Part::media, upload},
    {Methods::get_or_head, "/local/media/*", Needs::nothing, Part::media, serve},
    {Methods::get_or_head, "/api/public/health", Needs::nothing, Part::always, health},
    {Methods::get_or_head, "/api/public/ready", Needs::nothing, Part::always, health},
    {Methods::get_or_head, "/", Needs::nothing, Part::always, page},
    {Methods::get_or_head, "/local/events", Needs::nothing, Part::events, events},
    {Methods::get_or_head, "/local/", Needs::nothing, Part::always, local},
    {Methods::get_or_head, "/local/*", Needs::nothing, Part::always, local},
};

bool fits(Methods methods, const std::string& method) {
  switch (methods) {
    case Methods::get:
      return method == "GET";
    case Methods::get_or_head:
      return method == "GET" || method == "HEAD";
    case Methods::patch:
      return method == "PATCH";
    case Methods::post:
      return method == "POST";
    case Methods::put:
      return method == "PUT";
    case Methods::any:
      break;
  }
  return true;
}

bool is_there(Part part, const RouteOptions& options) {
  return part == Part::always || (part == Part::events && options.events != nullptr) ||
         (part == Part::media && options.media != nullptr);
}

// `path` begins with `prefix`, and more follows.
bool is_below(std::string_view path, std::string_view prefix) {
  return path.size() > prefix.size() && starts_with(path, prefix);
}

// What stands for the `*` of `pattern`, if any; nothing if `path` does not fit.
std::optional<std::string> rest_of(const std::string& path, std::string_view pattern) {
  if (pattern.back() != '*') {
    return path == pattern ? std::optional<std::string>("") : std::nullopt;
  }
  pattern.remove_suffix(1);
  return is_below(path, pattern) ? std::optional<std::string>(path.substr(pattern.size()))
                                 : std::nullopt;
}

// Why the client may not read; empty if it may.
std::optional<HttpResponse> refusal_of(const HttpRequest& request, const Keys& keys) {
  const Authorization authorization = authorize(request.header("authorization"), keys);
  if (authorization.access == Access::none) {
    return json_response(401, {{"message", authorization.problem}, {"error", "UnauthorizedError"}});
  }
  if (authorization.access != Access::full) {
    return json_response(403, {{"message", "Access denied"}, {"error", "ForbiddenError"}});
  }
  return std::nullopt;
}

HttpResponse answer_elsewhere(const std::string& path) {
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

HttpResponse route(const HttpRequest& request, const RouteOptions& options, Store& store) {
  bool is_known = false;
  for (const Route& route : routes) {
    const std::optional<std::string> rest =
        is_there(route.part, options) ? rest_of(request.path, route.path) : std::nullopt;
    is_known = is_known || rest.has_value();
    if (!rest || !fits(route.methods, request.method)) {
      continue;
    }
    if (route.needs == Needs::both_keys) {
      if (std::optional<HttpResponse> refusal = refusal_of(request, options.keys)) {
        return std::move(*refusal);
      }
    }
    return route.handler({request, options, store, *rest});
  }
  return is_known ? method_not_allowed() : answer_elsewhere(request.path);
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

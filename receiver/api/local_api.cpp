#include "receiver/api/local_api.h"

#include <limits>
#include <set>
#include <string_view>

#include "receiver/api/media_api.h"
#include "receiver/api/page_of_rows.h"
#include "receiver/api/read_api.h"
#include "receiver/api/trace_export.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/http/json_response.h"
#include "receiver/http/query_parameters.h"
#include "receiver/spans/linter.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t max_traces = 500;
constexpr std::int64_t default_traces = 100;
constexpr std::int64_t max_facets = 200;
constexpr std::int64_t max_hits = 200;
constexpr std::int64_t default_hits = 50;
// As many as a Langfuse server's own page loads of one trace.
constexpr std::int64_t max_observations = 20'000;
// What a row of the tree shows of an event's text.
constexpr std::int64_t preview_length = 2'000;

std::optional<std::int64_t> integer_parameter(const HttpRequest& request, const char* name) {
  const auto text = parameter(request, name);
  if (!text) {
    return std::nullopt;
  }
  const auto number = whole_number(*text);
  if (!number) {
    throw InvalidParameter(std::string(name) + ": expected a whole number, got " + *text);
  }
  return number;
}

HttpResponse not_found(const std::string& what) {
  return json_response(404, {{"message", what + " not found"}});
}

// Nanoseconds do not fit a JavaScript number exactly; microseconds do, until the year 2255.
constexpr std::int64_t nanoseconds_of_microsecond = 1000;
std::int64_t microseconds(std::int64_t nanoseconds) {
  return nanoseconds / nanoseconds_of_microsecond;
}

Json summary_json(const TraceSummary& trace) {
  Json json = {{"id", trace.trace_id},
               {"name", trace.name},
               {"rootName", trace.root_name},
               {"userId", trace.user_id},
               {"sessionId", trace.session_id},
               {"version", trace.version},
               {"release", trace.release},
               {"environment", trace.environment},
               {"start", microseconds(trace.start_unix_nano)},
               {"end", microseconds(trace.end_unix_nano)},
               {"observations", trace.observations},
               {"events", trace.events},
               {"errors", trace.errors},
               {"warnings", trace.warnings},
               {"lint", trace.lint},
               {"tokens", trace.tokens},
               {"cost", trace.cost},
               {"scores", trace.scores},
               {"hasRoot", trace.has_root}};
  json["tags"] = parse_json(trace.tags).value_or(Json::array());
  return json;
}

// What one row of the tree needs; the rest is fetched when the row is opened.
Json row_json(const TreeRow& row) {
  Json json = {{"id", row.span_id},
               {"parent", row.parent_span_id},
               {"name", row.name},
               {"type", row.type},
               {"level", row.level},
               {"start", microseconds(row.start_unix_nano)},
               {"end", microseconds(row.end_unix_nano)}};
  if (row.completion_start_unix_nano) {
    json["firstToken"] = microseconds(*row.completion_start_unix_nano);
  }
  if (!row.model.empty()) {
    json["model"] = row.model;
  }
  if (row.tokens) {
    json["tokens"] = *row.tokens;
  }
  if (row.cost) {
    json["cost"] = *row.cost;
  }
  if (!row.status_message.empty()) {
    json["statusMessage"] = row.status_message;
  }
  if (row.type == "EVENT") {
    json["message"] = row.message;
  }
  if (row.lint > 0) {
    json["lint"] = row.lint;
  }
  return json;
}

std::optional<TraceCursor> cursor_parameter(const HttpRequest& request, Store& store) {
  const auto before = integer_parameter(request, "before");
  if (!before) {
    return std::nullopt;
  }
  // The page knows microseconds only. Where the trace is still there, its exact start divides the
  // pages; otherwise none of its microsecond is shown twice.
  const std::string trace_id = parameter(request, "before_id").value_or("");
  if (const auto trace = store.trace(trace_id);
      trace && microseconds(trace->start_unix_nano) == *before) {
    return TraceCursor{trace->start_unix_nano, trace_id};
  }
  if (*before > std::numeric_limits<std::int64_t>::max() / nanoseconds_of_microsecond ||
      *before < std::numeric_limits<std::int64_t>::min() / nanoseconds_of_microsecond) {
    throw InvalidParameter("before: expected microseconds since 1970");
  }
  return TraceCursor{*before * nanoseconds_of_microsecond, trace_id};
}

HttpResponse trace_list(const HttpRequest& request, Store& store, std::uint64_t revision) {
  using Query = TraceQuery;
  Query query;
  set_from_parameters(request, query,
                      {{&Query::text, "q"},
                       {&Query::least_level, "level"},
                       {&Query::type, "type"},
                       {&Query::user_id, "user"},
                       {&Query::session_id, "session"},
                       {&Query::tag, "tag"},
                       {&Query::environment, "environment"}});
  query.before = cursor_parameter(request, store);
  const std::int64_t limit = limit_parameter(request, default_traces, max_traces);
  if (query.least_level && *query.least_level != "ERROR" && *query.least_level != "WARNING") {
    throw InvalidParameter("level: expected ERROR or WARNING, got " + *query.least_level);
  }
  const auto page = find_page(store, query, limit);
  Json traces = Json::array();
  for (const TraceSummary& trace : page.rows) {
    traces.push_back(summary_json(trace));
  }
  return json_response(
      200, {{"revision", revision}, {"more", page.has_more}, {"traces", std::move(traces)}});
}

HttpResponse session_list(const HttpRequest& request, Store& store, std::uint64_t revision) {
  Json sessions = Json::array();
  for (const SessionSummary& session :
       store.sessions(limit_parameter(request, default_traces, max_traces))) {
    sessions.push_back({{"id", session.session_id},
                        {"traces", session.traces},
                        {"observations", session.observations},
                        {"errors", session.errors},
                        {"tokens", session.tokens},
                        {"cost", session.cost},
                        {"users", session.users},
                        {"start", microseconds(session.start_unix_nano)},
                        {"end", microseconds(session.end_unix_nano)}});
  }
  return json_response(200, {{"revision", revision}, {"sessions", std::move(sessions)}});
}

HttpResponse facet_lists(Store& store) {
  const Facets facets = store.facets(max_facets);
  return json_response(200, {{"types", facets.types},
                             {"levels", facets.levels},
                             {"environments", facets.environments},
                             {"users", facets.users},
                             {"tags", facets.tags}});
}

HttpResponse search_hits(const HttpRequest& request, Store& store) {
  const SearchResult result = store.search(parameter(request, "q").value_or(""),
                                           limit_parameter(request, default_hits, max_hits));
  Json hits = Json::array();
  for (const SearchHit& hit : result.hits) {
    hits.push_back({{"traceId", hit.trace_id},
                    {"observationId", hit.span_id},
                    {"name", hit.name},
                    {"type", hit.type},
                    {"field", hit.field},
                    {"snippet", hit.snippet},
                    {"start", microseconds(hit.start_unix_nano)}});
  }
  return json_response(200, {{"hits", std::move(hits)}, {"notSearched", result.not_searched}});
}

HttpResponse trace_tree(Store& store, const MediaStore* media, const std::string& trace_id,
                        std::uint64_t revision) {
  const auto trace = store.trace(trace_id);
  if (!trace) {
    return not_found("trace " + trace_id);
  }
  const std::vector<TreeRow> rows = store.tree(trace_id, max_observations, preview_length);
  std::set<std::string_view> ids;
  for (const TreeRow& row : rows) {
    ids.insert(row.span_id);
  }
  // Of a trace that is cut, the parent may be in what is not shown.
  const bool all_are_here =
      trace->has_root && static_cast<std::int64_t>(rows.size()) < max_observations;
  Json summary = summary_json(*trace);
  std::int64_t missing_parents = 0;
  Json observations = Json::array();
  for (const TreeRow& row : rows) {
    Json json = row_json(row);
    const bool has_parent = row.parent_span_id.empty() || ids.count(row.parent_span_id) == 1;
    if (all_are_here && !has_parent) {
      json["lint"] = row.lint + 1;
      ++missing_parents;
    }
    observations.push_back(std::move(json));
  }
  summary["lint"] = trace->lint + missing_parents;
  ScoreQuery score_query;
  score_query.trace_id = trace_id;
  score_query.limit = max_observations;
  Json scores = Json::array();
  for (const ScoreRow& score : store.find(score_query)) {
    scores.push_back(score_json(score));
  }
  return json_response(
      200, {{"revision", revision},
            {"trace", std::move(summary)},
            {"observations", std::move(observations)},
            {"scores", std::move(scores)},
            {"media", media == nullptr ? Json::array() : media_of_trace(trace_id, *media)}});
}

// While the root of the trace has not arrived, the parent may be under way too.
bool is_parent_missing(Store& store, const ObservationRow& row) {
  ObservationQuery parent;
  parent.trace_id = row.trace_id;
  parent.span_id = row.parent_span_id;
  parent.limit = 1;
  parent.text_limit = 1;
  const auto trace = store.trace(row.trace_id);
  return !row.parent_span_id.empty() && trace && trace->has_root && store.find(parent).empty();
}

HttpResponse observation_detail(Store& store, const std::string& trace_id,
                                const std::string& span_id) {
  ObservationQuery query;
  query.trace_id = trace_id;
  query.span_id = span_id;
  query.limit = 1;
  const std::vector<ObservationRow> rows = store.find(query);
  if (rows.empty()) {
    return not_found("observation " + span_id);
  }
  Json json = observation_json(rows.front());
  json["warnings"] = rows.front().warnings;
  if (is_parent_missing(store, rows.front())) {
    json["warnings"].push_back(missing_parent_warning(rows.front().parent_span_id));
  }
  return json_response(200, json);
}

HttpResponse answer_local(const HttpRequest& request, Store& store, const MediaStore* media) {
  // Taken before reading: what is stored in between is seen twice rather than never.
  const std::uint64_t revision = store.revision();
  const std::string& path = request.path;
  const std::string traces = "/local/traces/";
  const std::string observations = "/observations/";
  const bool is_trace = starts_with(path, traces);
  const std::string trace = is_trace ? path.substr(traces.size()) : std::string();
  if (const std::size_t at = trace.find(observations); at != std::string::npos) {
    return observation_detail(store, trace.substr(0, at), trace.substr(at + observations.size()));
  }
  if (path == "/local/facets") {
    return facet_lists(store);
  }
  if (path == "/local/search") {
    return search_hits(request, store);
  }
  if (path == "/local/export") {
    return export_traces(request, store);
  }
  if (!is_trace && path != "/local/traces" && path != "/local/sessions") {
    return not_found(path);
  }
  // These are asked again whenever there is something new, and may be asked before.
  if (parameter(request, "revision") == std::to_string(revision)) {
    return json_response(200, {{"revision", revision}});
  }
  if (is_trace) {
    return trace_tree(store, media, trace, revision);
  }
  return path == "/local/sessions" ? session_list(request, store, revision)
                                   : trace_list(request, store, revision);
}

}  // namespace

HttpResponse read_local(const HttpRequest& request, Store& store, const MediaStore* media) {
  try {
    return answer_local(request, store, media);
  } catch (const InvalidParameter& error) {
    return json_response(400, {{"message", error.what()}});
  }
}

}  // namespace langfuse_receiver

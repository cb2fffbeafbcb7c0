#include "receiver/local_api.h"

#include <set>
#include <string_view>

#include "receiver/iso_time.h"
#include "receiver/linter.h"
#include "receiver/media_api.h"
#include "receiver/read_api.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t max_traces = 500;
// As many as a Langfuse server's own page loads of one trace.
constexpr std::int64_t max_observations = 20'000;
// What a row of the tree shows of an event's text.
constexpr std::int64_t preview_length = 2'000;

HttpResponse json_response(const Json& json) {
  return {200, to_text(json), "application/json", {}};
}

HttpResponse not_found(const std::string& what) {
  return {404, to_text({{"message", what + " not found"}}), "application/json", {}};
}

// Nanoseconds do not fit a JavaScript number exactly; microseconds do, until the year 2255.
std::int64_t microseconds(std::int64_t nanoseconds) {
  return nanoseconds / 1000;
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
               {"tokens", trace.tokens},
               {"cost", trace.cost},
               {"scores", trace.scores},
               {"hasRoot", trace.has_root}};
  json["tags"] = parse_json(trace.tags).value_or(Json::array());
  return json;
}

// What one row of the tree needs; the rest is fetched when the row is opened.
Json row_json(const ObservationRow& row) {
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
  if (!row.usage_details.empty()) {
    json["tokens"] = row.usage_details.value("total", Json(0));
  }
  if (!row.cost_details.empty()) {
    json["cost"] = row.cost_details.value("total", Json(0));
  }
  if (!row.status_message.empty()) {
    json["statusMessage"] = cut_utf8(row.status_message, preview_length);
  }
  if (row.type == "EVENT") {
    json["message"] = row.input;
  }
  return json;
}

HttpResponse trace_list(Store& store, std::uint64_t revision) {
  Json traces = Json::array();
  for (const TraceSummary& trace : store.newest_traces(max_traces)) {
    traces.push_back(summary_json(trace));
  }
  return json_response({{"revision", revision}, {"traces", std::move(traces)}});
}

HttpResponse trace_tree(Store& store, const MediaStore* media, const std::string& trace_id,
                        std::uint64_t revision) {
  const auto trace = store.trace(trace_id);
  if (!trace) {
    return not_found("trace " + trace_id);
  }
  ObservationQuery query;
  query.trace_id = trace_id;
  query.limit = max_observations;
  query.text_limit = preview_length;
  const std::vector<ObservationRow> rows = store.find(query);
  std::set<std::string_view> ids;
  for (const ObservationRow& row : rows) {
    ids.insert(row.span_id);
  }
  Json observations = Json::array();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    Json json = row_json(*row);
    const bool has_parent = row->parent_span_id.empty() || ids.count(row->parent_span_id) == 1;
    const std::size_t lint = row->warnings.size() + (trace->has_root && !has_parent ? 1 : 0);
    if (lint > 0) {
      json["lint"] = lint;
    }
    observations.push_back(std::move(json));
  }
  ScoreQuery score_query;
  score_query.trace_id = trace_id;
  score_query.limit = max_observations;
  Json scores = Json::array();
  for (const ScoreRow& score : store.find(score_query)) {
    scores.push_back(score_json(score));
  }
  return json_response(
      {{"revision", revision},
       {"trace", summary_json(*trace)},
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
  return json_response(json);
}

}  // namespace

HttpResponse read_local(const HttpRequest& request, Store& store, const MediaStore* media) {
  const std::string prefix = "/local/traces";
  if (request.path.compare(0, prefix.size(), prefix) != 0) {
    return not_found(request.path);
  }
  // Taken before reading: what is stored in between is seen twice rather than never.
  const std::uint64_t revision = store.revision();
  const auto known = request.query.find("revision");
  const bool nothing_new =
      known != request.query.end() && known->second == std::to_string(revision);
  std::string rest = request.path.substr(prefix.size());
  if (rest.empty()) {
    return nothing_new ? json_response({{"revision", revision}}) : trace_list(store, revision);
  }
  if (rest.front() != '/') {
    return not_found(request.path);
  }
  rest.erase(0, 1);
  const std::string separator = "/observations/";
  const std::size_t at = rest.find(separator);
  if (at != std::string::npos) {
    return observation_detail(store, rest.substr(0, at), rest.substr(at + separator.size()));
  }
  return nothing_new ? json_response({{"revision", revision}})
                     : trace_tree(store, media, rest, revision);
}

}  // namespace langfuse_receiver

#include "receiver/api/read_api.h"

#include <set>

#include "receiver/api/page_of_rows.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/base/utf8_text.h"
#include "receiver/http/json_response.h"
#include "receiver/http/query_parameters.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t default_limit = 50;
constexpr std::int64_t max_page_of_observations = 1000;
constexpr std::int64_t max_scores = 100;
constexpr std::size_t metadata_cut = 200;
constexpr const char* foreign_cursor = "cursor: not one that this server gave";

std::optional<std::int64_t> time_parameter(const HttpRequest& request, const char* name) {
  const auto text = parameter(request, name);
  if (!text) {
    return std::nullopt;
  }
  const auto time = parse_iso_time(*text);
  if (!time) {
    throw InvalidParameter(std::string(name) + ": expected ISO 8601 with Z or an offset, got " +
                           *text);
  }
  return time;
}

std::set<std::string> list_parameter(const HttpRequest& request, const char* name) {
  std::set<std::string> list;
  const std::string text = parameter(request, name).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    list.insert(text.substr(at, comma - at));
    at = comma + 1;
  }
  return list;
}

// Empty `fields` means the default groups; an unknown group is refused.
std::set<std::string> groups_of(const HttpRequest& request, const std::set<std::string>& known,
                                const std::set<std::string>& by_default) {
  std::set<std::string> groups = list_parameter(request, "fields");
  for (const std::string& group : groups) {
    if (known.count(group) == 0) {
      throw InvalidParameter("fields: unknown group " + group);
    }
  }
  return groups.empty() ? by_default : groups;
}

// `<start>.<length of the span id>.<span id><trace id>` in hex, so that nobody reads a meaning into
// it. Ids are whatever clients send.
std::string cursor_after(const ObservationRow& row) {
  return to_hex(std::to_string(row.start_unix_nano) + "." + std::to_string(row.span_id.size()) +
                "." + row.span_id + row.trace_id);
}

std::optional<ObservationCursor> cursor_parameter(const HttpRequest& request) {
  const auto text = parameter(request, "cursor");
  if (!text) {
    return std::nullopt;
  }
  const std::string decoded = from_hex(*text).value_or("");
  const std::size_t first = decoded.find('.');
  const std::size_t second = first == std::string::npos ? first : decoded.find('.', first + 1);
  const bool has_parts = second != std::string::npos;
  const auto start = has_parts ? whole_number(decoded.substr(0, first)) : std::nullopt;
  const auto length =
      has_parts ? whole_number(decoded.substr(first + 1, second - first - 1)) : std::nullopt;
  const std::string ids = has_parts ? decoded.substr(second + 1) : std::string();
  if (!start || !length || *length < 0 || static_cast<std::size_t>(*length) > ids.size()) {
    throw InvalidParameter(foreign_cursor);
  }
  const auto end_of_span_id = static_cast<std::size_t>(*length);
  return ObservationCursor{*start, ids.substr(end_of_span_id), ids.substr(0, end_of_span_id)};
}

// `<timestamp>.<id>` in hex.
std::string cursor_after(const ScoreRow& row) {
  return to_hex(std::to_string(row.timestamp_unix_nano) + "." + row.id);
}

std::optional<ScoreCursor> score_cursor_parameter(const HttpRequest& request) {
  const auto text = parameter(request, "cursor");
  if (!text) {
    return std::nullopt;
  }
  const std::string decoded = from_hex(*text).value_or("");
  const std::size_t point = decoded.find('.');
  const auto timestamp =
      point == std::string::npos ? std::nullopt : whole_number(decoded.substr(0, point));
  if (!timestamp) {
    throw InvalidParameter(foreign_cursor);
  }
  return ScoreCursor{*timestamp, decoded.substr(point + 1)};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json{} : Json(text);
}

Json cut_metadata(const Json& metadata, const std::set<std::string>& whole) {
  Json cut = Json::object();
  for (const auto& [key, value] : metadata.items()) {
    const std::string top_level = key.substr(0, key.find('.'));
    const auto& text = value.get_ref<const std::string&>();
    const bool keep = whole.count(key) != 0 || whole.count(top_level) != 0;
    cut[key] = keep ? text : std::string(cut_utf8(text, metadata_cut));
  }
  return cut;
}

void add_core(const ObservationRow& row, Json& json) {
  json["id"] = row.span_id;
  json["traceId"] = row.trace_id;
  json["startTime"] = to_iso_time(row.start_unix_nano);
  json["endTime"] = to_iso_time(row.end_unix_nano);
  json["projectId"] = project_id;
  json["parentObservationId"] = text_or_null(row.parent_span_id);
  json["type"] = row.type;
}

void add_basic(const ObservationRow& row, Json& json) {
  json["name"] = row.name;
  json["level"] = row.level;
  json["statusMessage"] = text_or_null(row.status_message);
  json["version"] = text_or_null(row.version);
  json["environment"] = row.environment;
  json["bookmarked"] = false;
  json["public"] = row.is_public;
  json["userId"] = text_or_null(row.user_id);
  json["sessionId"] = text_or_null(row.session_id);
  json["isRootObservation"] = row.parent_span_id.empty() || row.is_app_root;
}

void add_model(const ObservationRow& row, Json& json) {
  json["model"] = text_or_null(row.model);
  json["providedModelName"] = text_or_null(row.model);  // its name before 4.16
  json["internalModelId"] = nullptr;
  json["modelParameters"] = row.model_parameters;
}

void add_usage(const ObservationRow& row, Json& json) {
  json["usageDetails"] = row.usage_details;
  json["costDetails"] = row.cost_details;
  json["totalCost"] = row.cost_details.value("total", 0.0);
  json["usagePricingTierName"] = nullptr;
}

void add_metrics(const ObservationRow& row, Json& json) {
  const auto seconds = [&](std::int64_t until) {
    std::int64_t length = 0;
    return __builtin_sub_overflow(until, row.start_unix_nano, &length)
               ? (static_cast<double>(until) - static_cast<double>(row.start_unix_nano)) / 1e9
               : static_cast<double>(length) / 1e9;
  };
  json["latency"] = seconds(row.end_unix_nano);
  json["timeToFirstToken"] =
      row.completion_start_unix_nano ? Json(seconds(*row.completion_start_unix_nano)) : Json{};
}

void add_groups(const ObservationRow& row, const std::set<std::string>& groups,
                const std::set<std::string>& whole_metadata, Json& json) {
  const auto wanted = [&](const char* group) { return groups.count(group) != 0; };
  add_core(row, json);
  if (wanted("basic")) {
    add_basic(row, json);
  }
  if (wanted("time")) {
    json["completionStartTime"] = row.completion_start_unix_nano
                                      ? Json(to_iso_time(*row.completion_start_unix_nano))
                                      : Json{};
    json["createdAt"] = to_iso_time(row.created_unix_nano);
    json["updatedAt"] = to_iso_time(row.updated_unix_nano);
  }
  if (wanted("io")) {
    json["input"] = text_or_null(row.input);
    json["output"] = text_or_null(row.output);
  }
  if (wanted("metadata")) {
    json["metadata"] = cut_metadata(row.metadata, whole_metadata);
  }
  if (wanted("model")) {
    add_model(row, json);
  }
  if (wanted("usage")) {
    add_usage(row, json);
  }
  if (wanted("prompt")) {
    json["promptId"] = nullptr;
    json["promptName"] = text_or_null(row.prompt_name);
    json["promptVersion"] = row.prompt_version ? Json(*row.prompt_version) : Json{};
  }
  if (wanted("metrics")) {
    add_metrics(row, json);
  }
  if (wanted("trace_context")) {
    json["tags"] = row.tags;
    json["release"] = text_or_null(row.release);
    json["traceName"] = text_or_null(row.trace_name);
  }
}

const std::set<std::string>& observation_groups() {
  static const std::set<std::string> groups{"core",  "basic", "time",   "io",      "metadata",
                                            "model", "usage", "prompt", "metrics", "trace_context"};
  return groups;
}

Json subject_of(const ScoreRow& row) {
  if (!row.observation_id.empty()) {
    return {{"kind", "observation"}, {"id", row.observation_id}, {"traceId", row.trace_id}};
  }
  if (!row.trace_id.empty()) {
    return {{"kind", "trace"}, {"id", row.trace_id}};
  }
  if (!row.session_id.empty()) {
    return {{"kind", "session"}, {"id", row.session_id}};
  }
  return {{"kind", "experiment"}, {"id", row.dataset_run_id}};
}

Json value_of(const ScoreRow& row) {
  if (row.data_type == "NUMERIC") {
    return row.value;
  }
  if (row.data_type == "BOOLEAN") {
    return row.value == 1.0;
  }
  return row.string_value;
}

void add_score(const ScoreRow& row, const std::set<std::string>& groups, Json& json) {
  json["id"] = row.id;
  json["projectId"] = project_id;
  json["name"] = row.name;
  json["value"] = value_of(row);
  json["dataType"] = row.data_type;
  json["source"] = row.source;
  json["timestamp"] = to_iso_time(row.timestamp_unix_nano);
  json["environment"] = row.environment;
  json["createdAt"] = to_iso_time(row.created_unix_nano);
  json["updatedAt"] = to_iso_time(row.updated_unix_nano);
  if (groups.count("details") != 0) {
    json["comment"] = text_or_null(row.comment);
    json["configId"] = text_or_null(row.config_id);
    json["metadata"] = row.metadata;
  }
  if (groups.count("subject") != 0) {
    json["subject"] = subject_of(row);
  }
  if (groups.count("annotation") != 0) {
    json["authorUserId"] = nullptr;
    json["queueId"] = nullptr;
  }
}

HttpResponse bad_request(const InvalidParameter& error) {
  return json_response(400, {{"message", "Invalid request data"}, {"error", error.what()}});
}

HttpResponse page_response(Json data, Json meta) {
  return json_response(200, {{"data", std::move(data)}, {"meta", std::move(meta)}});
}

HttpResponse observations_page(const HttpRequest& request, Store& store) {
  using Query = ObservationQuery;
  Query query;
  set_from_parameters(request, query,
                      {{&Query::trace_id, "traceId"},
                       {&Query::type, "type"},
                       {&Query::level, "level"},
                       {&Query::name, "name"},
                       {&Query::user_id, "userId"},
                       {&Query::session_id, "sessionId"},
                       {&Query::parent_span_id, "parentObservationId"},
                       {&Query::environment, "environment"}});
  query.from_start_unix_nano = time_parameter(request, "fromStartTime");
  query.to_start_unix_nano = time_parameter(request, "toStartTime");
  query.after = cursor_parameter(request);
  const std::int64_t limit = limit_parameter(request, default_limit, max_page_of_observations);
  const auto groups = groups_of(request, observation_groups(), {"core", "basic"});
  const auto whole_metadata = list_parameter(request, "expandMetadata");
  const auto page = find_page(store, query, limit);
  Json meta = Json::object();
  if (page.has_more) {
    meta["cursor"] = cursor_after(page.rows.back());
  }
  Json data = Json::array();
  for (const ObservationRow& row : page.rows) {
    Json json = Json::object();
    add_groups(row, groups, whole_metadata, json);
    data.push_back(std::move(json));
  }
  return page_response(std::move(data), std::move(meta));
}

HttpResponse scores_page(const HttpRequest& request, Store& store) {
  using Query = ScoreQuery;
  Query query;
  set_from_parameters(request, query,
                      {{&Query::trace_id, "traceId"},
                       {&Query::observation_id, "observationId"},
                       {&Query::session_id, "sessionId"},
                       {&Query::name, "name"},
                       {&Query::data_type, "dataType"}});
  if (query.observation_id && !query.trace_id) {
    throw InvalidParameter("observationId: needs a traceId");
  }
  const std::int64_t limit = limit_parameter(request, default_limit, max_scores);
  const auto groups = groups_of(request, {"core", "details", "subject", "annotation"}, {"core"});
  query.after = score_cursor_parameter(request);
  const auto page = find_page(store, query, limit);
  Json meta = {{"limit", limit}};
  if (page.has_more) {
    meta["cursor"] = cursor_after(page.rows.back());
  }
  Json data = Json::array();
  for (const ScoreRow& row : page.rows) {
    Json json = Json::object();
    add_score(row, groups, json);
    data.push_back(std::move(json));
  }
  return page_response(std::move(data), std::move(meta));
}

}  // namespace

HttpResponse read_projects() {
  const Json organization = {{"id", project_id}, {"name", "Local"}};
  Json project = {{"id", project_id}, {"name", "Local receiver"}};
  project["organization"] = organization;
  project["metadata"] = Json::object();
  Json data = Json::array();
  data.push_back(std::move(project));
  return json_response(200, {{"data", std::move(data)}});
}

HttpResponse read_observations(const HttpRequest& request, Store& store) {
  try {
    return observations_page(request, store);
  } catch (const InvalidParameter& error) {
    return bad_request(error);
  }
}

HttpResponse read_scores(const HttpRequest& request, Store& store) {
  try {
    return scores_page(request, store);
  } catch (const InvalidParameter& error) {
    return bad_request(error);
  }
}

Json observation_json(const ObservationRow& row) {
  Json json = Json::object();
  add_groups(row, observation_groups(), {}, json);
  json["metadata"] = row.metadata;
  return json;
}

Json score_json(const ScoreRow& row) {
  Json json = Json::object();
  add_score(row, {"details", "subject"}, json);
  return json;
}

}  // namespace langfuse_receiver

#include "receiver/store/store_queries.h"

#include "receiver/store/store_columns.h"
#include "receiver/store/store_conditions.h"
#include "receiver/store/store_search.h"

namespace langfuse_receiver {
namespace {

constexpr const char* trace_is = "trace = (SELECT number FROM traces WHERE trace_id = ?)";

// Of a text that is everywhere, the traces of this many observations, those of the newest traces
// first, are looked through.
constexpr const char* traces_with_text =
    "number IN (SELECT rowid >> 24 FROM (SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY "
    "rowid DESC LIMIT 20000))";

// What `read` makes of each row.
template <typename Read>
auto read_all(SQLite::Statement& statement, Read read) {
  std::vector<decltype(read(statement))> rows;
  while (statement.executeStep()) {
    rows.push_back(read(statement));
  }
  return rows;
}

std::vector<std::string> list(Connection& connection, const char* sql, std::int64_t limit) {
  SQLite::Statement& statement = connection.statement(sql);
  statement.bind(1, limit);
  return read_all(statement, [](SQLite::Statement& row) { return row.getColumn(0).getString(); });
}

}  // namespace

std::vector<ObservationRow> find_observations(const ObservationQuery& query,
                                              Connection& connection) {
  Conditions where;
  where.add_if(trace_is, query.trace_id);
  where.add_if("span_id = ?", query.span_id);
  where.add_if("type = ?", query.type);
  where.add_if("level = ?", query.level);
  where.add_if("name = ?", query.name);
  where.add_if("user_id = ?", query.user_id);
  where.add_if("session_id = ?", query.session_id);
  where.add_if("parent_span_id = ?", query.parent_span_id);
  where.add_if("environment = ?", query.environment);
  where.add_if("start_unix_nano >= ?", query.from_start_unix_nano);
  where.add_if("start_unix_nano < ?", query.to_start_unix_nano);
  // Within a trace, its index has this order, so that no page sorts the rows of all others.
  const bool is_one_trace = query.trace_id.has_value();
  if (query.after && is_one_trace) {
    where.add("(start_unix_nano, span_id) < (?, ?)",
              {query.after->start_unix_nano, query.after->span_id});
  } else if (query.after) {
    where.add("(start_unix_nano, trace_id, span_id) < (?, ?, ?)",
              {query.after->start_unix_nano, query.after->trace_id, query.after->span_id});
  }
  const std::string order = is_one_trace ? "start_unix_nano DESC, span_id DESC"
                                         : "start_unix_nano DESC, trace_id DESC, span_id DESC";
  const std::string cut = std::to_string(query.text_limit);
  const std::string text_columns =
      query.text_limit > 0 ? "substr(input, 1, " + cut + "), substr(output, 1, " + cut + ")"
                           : "input, output";
  SQLite::Statement& statement =
      connection.statement(std::string("SELECT ") + observation_columns + ", " + text_columns +
                           " FROM observations" + where.sql() + " ORDER BY " + order + " LIMIT ?");
  statement.bind(where.bind(statement), query.limit);
  return read_all(statement, read_observation);
}

std::vector<ScoreRow> find_scores(const ScoreQuery& query, Connection& connection) {
  Conditions where;
  where.add_if("trace_id = ?", query.trace_id);
  where.add_if("observation_id = ?", query.observation_id);
  where.add_if("session_id = ?", query.session_id);
  where.add_if("name = ?", query.name);
  where.add_if("data_type = ?", query.data_type);
  if (query.after) {
    const std::int64_t last = query.after->timestamp_unix_nano;
    where.add("timestamp_unix_nano <= ? AND (timestamp_unix_nano < ? OR id > ?)",
              {last, last, query.after->id});
  }
  SQLite::Statement& statement =
      connection.statement(std::string("SELECT ") + score_columns + " FROM scores" + where.sql() +
                           " ORDER BY timestamp_unix_nano DESC, id LIMIT ?");
  statement.bind(where.bind(statement), query.limit);
  return read_all(statement, read_score);
}

std::vector<TreeRow> find_tree(const std::string& trace_id, std::int64_t limit,
                               std::int64_t text_limit, Connection& connection) {
  const std::string cut = std::to_string(text_limit);
  SQLite::Statement& statement = connection.statement(
      "SELECT * FROM (SELECT span_id, parent_span_id, name, type, level, start_unix_nano, "
      "end_unix_nano, completion_start_unix_nano, model, usage_details <> '{}', total_tokens, "
      "cost_details <> '{}', total_cost, substr(status_message, 1, " +
      cut + "), json_array_length(warnings), iif(type = 'EVENT', substr(input, 1, " + cut +
      "), '') FROM observations WHERE " + trace_is +
      " ORDER BY start_unix_nano DESC, span_id DESC LIMIT ?) ORDER BY start_unix_nano, span_id");
  statement.bind(1, trace_id);
  statement.bind(2, limit);
  return read_all(statement, read_tree_row);
}

std::vector<TraceSummary> find_traces(const TraceQuery& query, Connection& connection) {
  Conditions where;
  where.add_if("user_id = ?", query.user_id);
  where.add_if("session_id = ?", query.session_id);
  where.add_if("environment = ?", query.environment);
  where.add_if("number IN (SELECT trace FROM trace_tags WHERE tag = ?)", query.tag);
  if (query.type) {
    where.add("instr(types, ?)", {"\"" + *query.type + "\""});
  }
  if (query.least_level == "ERROR") {
    where.add("errors > 0");
  } else if (query.least_level == "WARNING") {
    where.add("errors + warnings > 0");
  }
  if (query.text) {
    const std::string expression = match_expression(*query.text);
    if (expression.empty()) {
      return {};
    }
    where.add(traces_with_text, {expression});
  }
  if (query.before) {
    where.add("(start_unix_nano, trace_id) < (?, ?)",
              {query.before->start_unix_nano, query.before->trace_id});
  }
  SQLite::Statement& statement =
      connection.statement(std::string("SELECT ") + summary_columns + " FROM traces" + where.sql() +
                           " ORDER BY start_unix_nano DESC, trace_id DESC LIMIT ?");
  statement.bind(where.bind(statement), query.limit);
  return read_all(statement, read_summary);
}

std::optional<TraceSummary> find_trace(const std::string& trace_id, Connection& connection) {
  SQLite::Statement& statement = connection.statement(std::string("SELECT ") + summary_columns +
                                                      " FROM traces WHERE trace_id = ?");
  statement.bind(1, trace_id);
  if (!statement.executeStep()) {
    return std::nullopt;
  }
  return read_summary(statement);
}

std::vector<std::string> find_traces_after(std::int64_t* number, std::int64_t limit,
                                           Connection& connection) {
  SQLite::Statement& statement = connection.statement(
      "SELECT trace_id, number FROM traces WHERE number > ? ORDER BY number LIMIT ?");
  statement.bind(1, *number);
  statement.bind(2, limit);
  std::vector<std::string> ids;
  while (statement.executeStep()) {
    ids.push_back(statement.getColumn(0).getString());
    *number = statement.getColumn(1).getInt64();
  }
  return ids;
}

std::vector<SessionSummary> find_sessions(std::int64_t limit, Connection& connection) {
  SQLite::Statement& statement = connection.statement(
      "SELECT session_id, count(*), sum(observations), sum(errors), "
      "CAST(min(total(tokens), 9e18) AS INTEGER), sum(cost), "
      "json_group_array(DISTINCT user_id) FILTER (WHERE user_id <> ''), min(start_unix_nano), "
      "max(end_unix_nano) FROM traces WHERE session_id <> '' AND session_id IN (SELECT session_id "
      "FROM traces WHERE session_id <> '' GROUP BY session_id ORDER BY max(start_unix_nano) DESC "
      "LIMIT ?) GROUP BY session_id ORDER BY max(start_unix_nano) DESC, session_id");
  statement.bind(1, limit);
  return read_all(statement, read_session);
}

Facets find_facets(std::int64_t limit, Connection& connection) {
  Facets facets;
  facets.types = list(connection,
                      "SELECT DISTINCT value FROM (SELECT DISTINCT types FROM traces) AS kinds, "
                      "json_each(kinds.types) ORDER BY value LIMIT ?",
                      limit);
  facets.levels = list(connection,
                       "SELECT DISTINCT value FROM (SELECT DISTINCT levels FROM traces) AS kinds, "
                       "json_each(kinds.levels) ORDER BY value LIMIT ?",
                       limit);
  facets.environments = list(connection,
                             "SELECT environment FROM traces WHERE environment <> '' GROUP BY "
                             "environment ORDER BY max(start_unix_nano) DESC LIMIT ?",
                             limit);
  facets.users = list(connection,
                      "SELECT user_id FROM traces WHERE user_id <> '' GROUP BY user_id ORDER BY "
                      "max(start_unix_nano) DESC LIMIT ?",
                      limit);
  facets.tags =
      list(connection, "SELECT tag FROM trace_tags GROUP BY tag ORDER BY max(trace) DESC LIMIT ?",
           limit);
  return facets;
}

std::int64_t count_observations(Connection& connection) {
  return connection.number("SELECT coalesce(sum(observations), 0) FROM traces");
}

}  // namespace langfuse_receiver

// The queries on observations, scores and traces, on a connection that reads. Used by `store.cpp`
// only. All throw `SQLite::Exception`.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "receiver/rows/observation_row.h"
#include "receiver/rows/score_row.h"
#include "receiver/store/store_connection.h"
#include "receiver/store/store_data.h"
#include "receiver/store/trace_aggregate.h"

namespace langfuse_receiver {

std::vector<ObservationRow> find_observations(const ObservationQuery& query,
                                              Connection& connection);
std::vector<ScoreRow> find_scores(const ScoreQuery& query, Connection& connection);
std::vector<TreeRow> find_tree(const std::string& trace_id, std::int64_t limit,
                               std::int64_t text_limit, Connection& connection);
std::vector<TraceSummary> find_traces(const TraceQuery& query, Connection& connection);
std::optional<TraceSummary> find_trace(const std::string& trace_id, Connection& connection);
std::vector<std::string> find_traces_after(std::int64_t* number, std::int64_t limit,
                                           Connection& connection);
std::vector<SessionSummary> find_sessions(std::int64_t limit, Connection& connection);
Facets find_facets(std::int64_t limit, Connection& connection);
std::int64_t count_observations(Connection& connection);

}  // namespace langfuse_receiver

// How rows lie in the columns of the receiver's database: the column lists, and writing rows into
// statements and reading them back. Used by `store_*.cpp` only.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "receiver/rows/observation_row.h"
#include "receiver/rows/score_row.h"
#include "receiver/store/store_data.h"
#include "receiver/store/trace_aggregate.h"

namespace langfuse_receiver {

// The columns in the order in which the functions below handle them. `input` and `output` follow,
// which queries may cut; and before them come `id` and `trace` where rows are written.
inline constexpr const char* observation_columns =
    "trace_id, span_id, start_ms, start_unix_nano, end_unix_nano, completion_start_unix_nano, "
    "parent_span_id, name, type, level, status_message, environment, version, release, trace_name, "
    "user_id, session_id, tags, is_public, is_app_root, warnings, model, model_parameters, "
    "provided_usage_details, usage_details, provided_cost_details, cost_details, total_tokens, "
    "total_cost, prompt_name, prompt_version, service_name, service_version, scope_name, "
    "scope_version, telemetry_sdk_language, telemetry_sdk_name, telemetry_sdk_version, "
    "ingestion_api_key, ingestion_sdk_name, ingestion_sdk_version, created_unix_nano, "
    "updated_unix_nano, origin_metadata, metadata";
inline constexpr int observation_column_count = 45;

// The same, with `input` and `output`, as version 1 of the schema had them.
inline constexpr const char* version_1_columns =
    "trace_id, span_id, start_ms, start_unix_nano, end_unix_nano, completion_start_unix_nano, "
    "parent_span_id, name, type, level, status_message, environment, version, release, trace_name, "
    "user_id, session_id, tags, is_public, is_app_root, '[]', model, model_parameters, "
    "provided_usage_details, usage_details, provided_cost_details, cost_details, total_tokens, "
    "total_cost, prompt_name, prompt_version, service_name, service_version, scope_name, "
    "scope_version, telemetry_sdk_language, telemetry_sdk_name, telemetry_sdk_version, "
    "ingestion_api_key, ingestion_sdk_name, ingestion_sdk_version, created_unix_nano, "
    "updated_unix_nano, '{}', metadata, input, output";

// What a trace adds up to; `aggregate_columns` in the order of `bind_aggregate`.
inline constexpr const char* aggregate_columns =
    "trace_name, trace_name_at, root_name, root_name_at, user_id, user_id_at, session_id, "
    "session_id_at, version, version_at, release, release_at, environment, environment_at, tags, "
    "tags_at, start_unix_nano, end_unix_nano, observations, events, errors, warnings, lint, "
    "tokens, cost, has_root, types, levels";
inline constexpr int aggregate_column_count = 28;

// What `read_summary` reads, from `traces`.
inline constexpr const char* summary_columns =
    "trace_id, trace_name, root_name, user_id, session_id, version, release, environment, tags, "
    "start_unix_nano, end_unix_nano, observations, events, errors, warnings, lint, tokens, cost, "
    "(SELECT count(*) FROM scores WHERE scores.trace_id = traces.trace_id), has_root";

inline constexpr const char* score_columns =
    "id, trace_id, observation_id, session_id, dataset_run_id, name, data_type, value, "
    "string_value, comment, metadata, config_id, source, environment, timestamp_unix_nano, "
    "ingestion_api_key, ingestion_sdk_name, ingestion_sdk_version, created_unix_nano, "
    "updated_unix_nano";
inline constexpr int score_column_count = 20;

// The row's id, its trace's number, and the columns above with input and output.
void bind_row(SQLite::Statement& statement, std::int64_t id, std::int64_t trace_number,
              const ObservationRow& row);
void bind_row(SQLite::Statement& statement, const ScoreRow& row);
void bind_aggregate(SQLite::Statement& statement, const TraceAggregate& aggregate);
ObservationRow read_observation(SQLite::Statement& statement);
ScoreRow read_score(SQLite::Statement& statement);
// Of the columns from `first_column` on.
TraceAggregate read_aggregate(SQLite::Statement& statement, int first_column);
TraceSummary read_summary(SQLite::Statement& statement);
// Of the columns that `find_tree` and `find_sessions` select.
TreeRow read_tree_row(SQLite::Statement& statement);
SessionSummary read_session(SQLite::Statement& statement);

// "?1, ?2, …, ?count"
std::string placeholders(int count);

}  // namespace langfuse_receiver

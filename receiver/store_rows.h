// How rows lie in the columns of the receiver's database: the column lists, and writing rows into
// statements and reading them back. Used by `store.cpp` only.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "receiver/store.h"

namespace langfuse_receiver {

// The columns in the order in which the functions below handle them; of observations `input` and
// `output` follow, which queries may cut.
inline constexpr const char* observation_columns =
    "trace_id, span_id, start_ms, start_unix_nano, end_unix_nano, completion_start_unix_nano, "
    "parent_span_id, name, type, level, status_message, environment, version, release, trace_name, "
    "user_id, session_id, tags, is_public, is_app_root, metadata, warnings, model, "
    "model_parameters, provided_usage_details, usage_details, provided_cost_details, cost_details, "
    "total_tokens, total_cost, prompt_name, prompt_version, service_name, service_version, "
    "scope_name, "
    "scope_version, telemetry_sdk_language, telemetry_sdk_name, telemetry_sdk_version, "
    "ingestion_api_key, ingestion_sdk_name, ingestion_sdk_version, created_unix_nano, "
    "updated_unix_nano";
inline constexpr int observation_column_count = 44;

inline constexpr const char* score_columns =
    "id, trace_id, observation_id, session_id, dataset_run_id, name, data_type, value, "
    "string_value, comment, metadata, config_id, source, environment, timestamp_unix_nano, "
    "ingestion_api_key, ingestion_sdk_name, ingestion_sdk_version, created_unix_nano, "
    "updated_unix_nano";
inline constexpr int score_column_count = 20;

void bind_row(SQLite::Statement& statement, const ObservationRow& row);
void bind_row(SQLite::Statement& statement, const ScoreRow& row);
ObservationRow read_observation(SQLite::Statement& statement);
ScoreRow read_score(SQLite::Statement& statement);
TraceSummary read_summary(SQLite::Statement& statement);

}  // namespace langfuse_receiver

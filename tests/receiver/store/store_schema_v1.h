// The database as version 1 of the schema made it: what files that are out there look like. Never
// changed.

#pragma once

namespace langfuse_test {

inline constexpr const char* schema_v1 = R"sql(
CREATE TABLE observations (
  trace_id TEXT NOT NULL,
  span_id TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  start_unix_nano INTEGER NOT NULL,
  end_unix_nano INTEGER NOT NULL,
  completion_start_unix_nano INTEGER,
  parent_span_id TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  level TEXT NOT NULL,
  status_message TEXT NOT NULL,
  environment TEXT NOT NULL,
  version TEXT NOT NULL,
  release TEXT NOT NULL,
  trace_name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  tags TEXT NOT NULL,
  is_public INTEGER NOT NULL,
  is_app_root INTEGER NOT NULL,
  input TEXT NOT NULL,
  output TEXT NOT NULL,
  metadata TEXT NOT NULL,
  model TEXT NOT NULL,
  model_parameters TEXT NOT NULL,
  provided_usage_details TEXT NOT NULL,
  usage_details TEXT NOT NULL,
  provided_cost_details TEXT NOT NULL,
  cost_details TEXT NOT NULL,
  total_tokens INTEGER NOT NULL,
  total_cost REAL NOT NULL,
  prompt_name TEXT NOT NULL,
  prompt_version INTEGER,
  service_name TEXT NOT NULL,
  service_version TEXT NOT NULL,
  scope_name TEXT NOT NULL,
  scope_version TEXT NOT NULL,
  telemetry_sdk_language TEXT NOT NULL,
  telemetry_sdk_name TEXT NOT NULL,
  telemetry_sdk_version TEXT NOT NULL,
  ingestion_api_key TEXT NOT NULL,
  ingestion_sdk_name TEXT NOT NULL,
  ingestion_sdk_version TEXT NOT NULL,
  created_unix_nano INTEGER NOT NULL,
  updated_unix_nano INTEGER NOT NULL,
  PRIMARY KEY (trace_id, span_id, start_ms)
);
CREATE INDEX observations_by_start ON observations (start_unix_nano, trace_id, span_id);
CREATE TABLE traces (
  trace_id TEXT PRIMARY KEY,
  start_unix_nano INTEGER NOT NULL
);
CREATE INDEX traces_by_start ON traces (start_unix_nano);
CREATE TABLE scores (
  id TEXT PRIMARY KEY,
  trace_id TEXT NOT NULL,
  observation_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  dataset_run_id TEXT NOT NULL,
  name TEXT NOT NULL,
  data_type TEXT NOT NULL,
  value REAL NOT NULL,
  string_value TEXT NOT NULL,
  comment TEXT NOT NULL,
  metadata TEXT NOT NULL,
  config_id TEXT NOT NULL,
  source TEXT NOT NULL,
  environment TEXT NOT NULL,
  timestamp_unix_nano INTEGER NOT NULL,
  ingestion_api_key TEXT NOT NULL,
  ingestion_sdk_name TEXT NOT NULL,
  ingestion_sdk_version TEXT NOT NULL,
  created_unix_nano INTEGER NOT NULL,
  updated_unix_nano INTEGER NOT NULL
);
CREATE INDEX scores_by_trace ON scores (trace_id);

PRAGMA application_id = 1279673168;
PRAGMA user_version = 1;
)sql";

// A root that lasts 30 ms, and a generation of user `ada` below it.
inline constexpr const char* rows_v1 = R"sql(
INSERT INTO observations VALUES ('t1', 's1', 1786000000000, 1786000000000000000, 1786000000030000000, NULL, '', 'request',
  'SPAN', 'DEFAULT', '', 'default', '', '', '', '', '', '[]', 0, 0, '', '', '{}', '', '{}', '{}', '{}', '{}', '{}', 0, 0,
  '', NULL, '', '', '', '', '', '', '', '', '', '', 1, 1);
INSERT INTO observations VALUES ('t1', 's2', 1786000000010, 1786000000010000000, 1786000000020000000, NULL, 's1', 'answer',
  'GENERATION', 'ERROR', 'it broke', 'default', '', '', 'order', 'ada', 'session 1', '["blue"]', 0, 0,
  'why is the sky blue', 'Rayleigh', '{"attempt":"2"}', 'm', '{}', '{}', '{"total":7}', '{}', '{"total":0.5}', 7, 0.5,
  '', NULL, '', '', '', '', '', '', '', '', '', '', 1, 1);
INSERT INTO traces VALUES ('t1', 1786000000000000000);
)sql";

}  // namespace langfuse_test

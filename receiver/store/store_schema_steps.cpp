#include "receiver/store/store_schema_steps.h"

namespace langfuse_receiver {
namespace {

// `start_ms` is in the key because a server keeps milliseconds: a span sent again with a start
// that differs by less replaces its row, there as here. `traces` holds only what finding the newest
// traces needs; all else about a trace is computed from its observations.
constexpr const char* version_1 = R"sql(
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
)sql";

// `number` counts the traces in the order in which they arrived, `row_ids_given` the rows that a
// trace ever had. `written` grows with each commit: retention removes what was written to longest
// ago. The columns `…_at` hold the start of the observation that said what is in the column before.
// Texts go into the index `texts` some time after their rows: `unindexed` says which still have to.
// Of long texts both ends are indexed. `origin_metadata` is what all spans of a process repeat:
// resource and scope; it is not indexed.
constexpr const char* version_2 = R"sql(
ALTER TABLE observations RENAME TO observations_of_version_1;
DROP TABLE traces;
DROP INDEX observations_by_start;
CREATE TABLE traces (
  number INTEGER PRIMARY KEY,
  trace_id TEXT NOT NULL UNIQUE,
  row_ids_given INTEGER NOT NULL,
  written INTEGER NOT NULL,
  trace_name TEXT NOT NULL,
  trace_name_at INTEGER NOT NULL,
  root_name TEXT NOT NULL,
  root_name_at INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  user_id_at INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  session_id_at INTEGER NOT NULL,
  version TEXT NOT NULL,
  version_at INTEGER NOT NULL,
  release TEXT NOT NULL,
  release_at INTEGER NOT NULL,
  environment TEXT NOT NULL,
  environment_at INTEGER NOT NULL,
  tags TEXT NOT NULL,
  tags_at INTEGER NOT NULL,
  start_unix_nano INTEGER NOT NULL,
  end_unix_nano INTEGER NOT NULL,
  observations INTEGER NOT NULL,
  events INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  lint INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL,
  has_root INTEGER NOT NULL,
  types TEXT NOT NULL,
  levels TEXT NOT NULL
);
CREATE INDEX traces_by_start ON traces (start_unix_nano, trace_id);
CREATE INDEX traces_by_written ON traces (written);
CREATE INDEX traces_by_user ON traces (user_id, start_unix_nano) WHERE user_id <> '';
CREATE INDEX traces_by_session ON traces (session_id, start_unix_nano) WHERE session_id <> '';
CREATE INDEX traces_by_environment ON traces (environment, start_unix_nano);
CREATE INDEX traces_by_kind ON traces (types, levels);
CREATE TABLE trace_tags (
  tag TEXT NOT NULL,
  trace INTEGER NOT NULL,
  PRIMARY KEY (tag, trace)
) WITHOUT ROWID;
CREATE TRIGGER trace_tags_change AFTER UPDATE OF tags ON traces WHEN new.tags <> old.tags BEGIN
  DELETE FROM trace_tags WHERE trace = old.number
    AND tag IN (SELECT value FROM json_each(iif(old.tags = '', '[]', old.tags)));
  INSERT INTO trace_tags
    SELECT DISTINCT value, new.number FROM json_each(iif(new.tags = '', '[]', new.tags));
END;
CREATE TRIGGER trace_tags_end BEFORE DELETE ON traces BEGIN
  DELETE FROM trace_tags WHERE trace = old.number
    AND tag IN (SELECT value FROM json_each(iif(old.tags = '', '[]', old.tags)));
END;
CREATE TABLE observations (
  id INTEGER PRIMARY KEY,
  trace INTEGER NOT NULL,
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
  warnings TEXT NOT NULL,
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
  metadata TEXT NOT NULL,
  origin_metadata TEXT NOT NULL,
  input TEXT NOT NULL,
  output TEXT NOT NULL
);
CREATE UNIQUE INDEX observations_by_key ON observations (trace, span_id, start_ms);
CREATE INDEX observations_by_start ON observations (start_unix_nano);
CREATE VIEW searchable AS SELECT id, name,
  iif(length(input) > 32768, substr(input, 1, 24576) || ' … ' || substr(input, -8192), input)
    AS input,
  iif(length(output) > 32768, substr(output, 1, 24576) || ' … ' || substr(output, -8192), output)
    AS output,
  iif(length(metadata) > 32768, substr(metadata, 1, 24576) || ' … ' || substr(metadata, -8192),
      metadata) AS metadata,
  status_message, model FROM observations;
CREATE VIRTUAL TABLE texts USING fts5 (name, input, output, metadata, status_message, model,
  content = 'searchable', content_rowid = 'id', columnsize = 0);
CREATE TABLE unindexed (id INTEGER PRIMARY KEY);
CREATE TRIGGER observations_new AFTER INSERT ON observations BEGIN
  INSERT INTO unindexed VALUES (new.id);
END;
CREATE TRIGGER observations_change BEFORE UPDATE ON observations BEGIN
  INSERT INTO texts (texts, rowid, name, input, output, metadata, status_message, model)
    SELECT 'delete', * FROM searchable WHERE id = old.id
      AND NOT EXISTS (SELECT 1 FROM unindexed WHERE id = old.id);
  INSERT INTO unindexed SELECT old.id WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE id = old.id);
END;
CREATE TRIGGER observations_end BEFORE DELETE ON observations BEGIN
  INSERT INTO texts (texts, rowid, name, input, output, metadata, status_message, model)
    SELECT 'delete', * FROM searchable WHERE id = old.id
      AND NOT EXISTS (SELECT 1 FROM unindexed WHERE id = old.id);
  DELETE FROM unindexed WHERE id = old.id;
END;
)sql";

// In the order in which pages are read: none of them sorts all the others.
constexpr const char* version_3 = R"sql(
CREATE INDEX observations_of_trace ON observations (trace, start_unix_nano, span_id);
DROP INDEX scores_by_trace;
CREATE INDEX scores_of_trace ON scores (trace_id, timestamp_unix_nano DESC, id);
CREATE INDEX scores_by_time ON scores (timestamp_unix_nano DESC, id);
)sql";

}  // namespace

const std::vector<const char*>& schema_steps() {
  static const std::vector<const char*> steps{version_1, version_2, version_3};
  return steps;
}

}  // namespace langfuse_receiver

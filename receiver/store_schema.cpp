#include "receiver/store_schema.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "receiver/store.h"

namespace langfuse_receiver {
namespace {

// "LFCP": what `file(1)` and we know such a database by.
constexpr int application_id = 0x4C464350;

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

constexpr const char* version_2 = R"sql(
ALTER TABLE observations ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
)sql";

// Step n makes version n + 1 of version n; a new file is version 0. A step that was released is
// never changed: files exist that it made.
constexpr const char* steps[] = {version_1, version_2};
constexpr int schema_version = static_cast<int>(std::size(steps));

[[noreturn]] void refuse(const std::string& path, const std::string& problem) {
  throw StoreError("cannot use " + path + " as the database: " + problem);
}

// SQLite creates files with the umask's mode; prompts are nobody else's business, so the file
// is created here. SQLite gives its `-wal` and `-shm` files the mode of the database.
void create_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) {
    refuse(path, std::strerror(errno));
  }
  ::close(file);
}

// What is in the file may belong to another program, so it is only read until this has returned.
int version_of(SQLite::Database& database, const std::string& path) {
  const int id = database.execAndGet("PRAGMA application_id").getInt();
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  const int tables = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
  if (id == 0 && version == 0 && tables == 0) {
    return 0;
  }
  if (id != application_id) {
    refuse(path, "it is a database of another program; give another file with --db");
  }
  if (version > schema_version) {
    refuse(path, "it was written by a newer version of langfuse (schema " +
                     std::to_string(version) + ", this program knows " +
                     std::to_string(schema_version) + ")");
  }
  return version;
}

// Each step is all there, or not at all: a process that is killed goes on with the same step when
// it is started again.
void migrate(SQLite::Database& database, int version) {
  for (; version < schema_version; ++version) {
    SQLite::Transaction transaction(database);
    database.exec(steps[version]);
    database.exec("PRAGMA application_id = " + std::to_string(application_id));
    database.exec("PRAGMA user_version = " + std::to_string(version + 1));
    transaction.commit();
  }
}

}  // namespace

std::unique_ptr<SQLite::Database> open_database(const std::string& path) {
  const bool in_memory = path.empty();
  if (!in_memory) {
    create_private_file(path);
  }
  try {
    auto database = std::make_unique<SQLite::Database>(
        in_memory ? ":memory:" : path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000);
    const int version = version_of(*database, path);
    if (!in_memory && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
      refuse(path, std::strerror(errno));
    }
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = NORMAL");
    migrate(*database, version);
    return database;
  } catch (const SQLite::Exception& error) {
    const bool foreign = error.getErrorCode() == SQLITE_NOTADB;
    refuse(in_memory ? ":memory:" : path,
           foreign ? "it is not a database; give another file with --db" : error.what());
  }
}

}  // namespace langfuse_receiver

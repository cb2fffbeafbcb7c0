#include "receiver/store/store_schema.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "receiver/store/store_columns.h"
#include "receiver/store/store_connection.h"
#include "receiver/store/store_error.h"
#include "receiver/store/store_insert.h"
#include "receiver/store/store_schema_steps.h"

namespace langfuse_receiver {
namespace {

// "LFCP": what `file(1)` and we know such a database by.
constexpr int application_id = 0x4C464350;
constexpr int busy_timeout_ms = 5000;

int schema_version() {
  return static_cast<int>(schema_steps().size());
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
    refuse_database(path, "it is a database of another program; give another file with --db");
  }
  if (version > schema_version()) {
    refuse_database(path, "it was written by a newer version of langfuse (schema " +
                              std::to_string(version) + ", this program knows " +
                              std::to_string(schema_version()) + ")");
  }
  return version;
}

// Rows of version 1 are put again, in the order of their start: their traces are added up, and
// their texts come into the index.
void put_rows_of_version_1(Connection& connection) {
  SQLite::Statement old(connection.database(), std::string("SELECT ") + version_1_columns +
                                                   " FROM observations_of_version_1 "
                                                   "ORDER BY start_unix_nano");
  RowInserter inserter(connection, 1);
  while (old.executeStep()) {
    inserter.put(read_observation(old));
  }
  inserter.finish();
}

// Nothing, or all of it: a process that is killed meanwhile leaves the old file.
std::unique_ptr<SQLite::Database> migrated(std::unique_ptr<SQLite::Database> database,
                                           int version) {
  if (version == schema_version()) {
    return database;
  }
  Connection connection(std::move(database));
  SQLite::Transaction transaction(connection.database());
  for (int step = version; step < schema_version(); ++step) {
    connection.database().exec(schema_steps()[static_cast<std::size_t>(step)]);
  }
  if (version == 1) {
    put_rows_of_version_1(connection);
  }
  if (version < 2) {
    connection.database().exec("DROP TABLE observations_of_version_1");
  }
  connection.database().exec("PRAGMA application_id = " + std::to_string(application_id));
  connection.database().exec("PRAGMA user_version = " + std::to_string(schema_version()));
  transaction.commit();
  return connection.release();
}

// SQLite counts its memory under a lock by default, for a figure that nobody here asks for; and
// `store_connection.h` gives a connection to one thread at a time, so that it needs no lock either.
std::unique_ptr<SQLite::Database> open_unlocked(const std::string& path, int flags) {
  static const int configured = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);  // refused once SQLite is in use: then it goes on counting
  return std::make_unique<SQLite::Database>(path, flags | SQLite::OPEN_NOMUTEX, busy_timeout_ms);
}

}  // namespace

std::unique_ptr<SQLite::Database> open_database(const DatabaseFile& file) {
  const std::string& path = file.path();
  try {
    // `file` has created it: one that is gone again is not made anew with another mode.
    auto database = file.in_memory()
                        ? open_unlocked(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
                        : open_unlocked(path, SQLite::OPEN_READWRITE);
    const int version = version_of(*database, path);
    if (!file.in_memory() && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
      refuse_database(path, std::strerror(errno));
    }
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = NORMAL");
    // Fewer checkpoints write a page that changes often fewer times; 32 MB.
    database->exec("PRAGMA wal_autocheckpoint = 8192");
    database->exec("PRAGMA journal_size_limit = 67108864");
    database->exec("PRAGMA cache_size = -65536");
    return migrated(std::move(database), version);
  } catch (const SQLite::Exception& error) {
    const bool foreign = error.getErrorCode() == SQLITE_NOTADB;
    refuse_database(path,
                    foreign ? "it is not a database; give another file with --db" : error.what());
  }
}

std::unique_ptr<SQLite::Database> open_for_reading(const DatabaseFile& file) {
  if (const std::string problem = file.problem(); !problem.empty()) {
    throw StoreError(problem);
  }
  try {
    auto database = open_unlocked(file.path(), SQLite::OPEN_READWRITE);
    database->exec("PRAGMA query_only = 1");
    database->exec("PRAGMA cache_size = -16384");
    return database;
  } catch (const SQLite::Exception& error) {
    refuse_database(file.path(), error.what());
  }
}

}  // namespace langfuse_receiver

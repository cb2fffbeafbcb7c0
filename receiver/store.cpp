#include "receiver/store.h"

#include <mutex>
#include <utility>

#include "receiver/revision.h"
#include "receiver/store_rows.h"
#include "receiver/store_schema.h"

namespace langfuse_receiver {
namespace {

// "?1, ?2, …"
std::string placeholders(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) {
    text += (i == 1 ? "?" : ", ?") + std::to_string(i);
  }
  return text;
}

// WHERE clauses and the values they compare with.
class Conditions {
 public:
  void equal(const char* column, const std::optional<std::string>& value) {
    if (value) {
      add(std::string(column) + " = ?");
      values_.emplace_back(*value);
    }
  }
  void compare(const char* comparison, const std::optional<std::int64_t>& value) {
    if (value) {
      add(std::string(comparison) + " ?");
      values_.emplace_back(*value);
    }
  }
  void before(const std::optional<ObservationCursor>& cursor) {
    if (cursor) {
      add("(start_unix_nano, trace_id, span_id) < (?, ?, ?)");
      values_.emplace_back(cursor->start_unix_nano);
      values_.emplace_back(cursor->trace_id);
      values_.emplace_back(cursor->span_id);
    }
  }
  const std::string& sql() const { return sql_; }

  // Returns the index of the next parameter.
  int bind(SQLite::Statement& statement) const {
    int at = 0;
    for (const Json& value : values_) {
      if (value.is_string()) {
        statement.bind(++at, value.get_ref<const std::string&>());
      } else {
        statement.bind(++at, value.get<std::int64_t>());
      }
    }
    return at + 1;
  }

 private:
  void add(const std::string& condition) {
    sql_ += (sql_.empty() ? " WHERE " : " AND ") + condition;
  }
  std::string sql_;
  std::vector<Json> values_;
};

// Of the rows with a non-empty `column`, the value of the one that started last.
std::string newest(const std::string& column, const std::string& is_set) {
  return "coalesce(substr(max(CASE WHEN " + is_set + " THEN printf('%020d', start_unix_nano) || " +
         column + " END), 21), '')";
}

std::string newest_text(const std::string& column) {
  return newest(column, column + " <> ''");
}

std::string summary_sql() {
  return "SELECT trace_id, " + newest_text("trace_name") +
         ", coalesce(substr(min(CASE WHEN parent_span_id = '' OR is_app_root THEN "
         "printf('%020d', start_unix_nano) || name END), 21), ''), " +
         newest_text("user_id") + ", " + newest_text("session_id") + ", " + newest_text("version") +
         ", " + newest_text("release") + ", " + newest_text("environment") + ", " +
         newest("tags", "tags <> '[]'") +
         ", min(start_unix_nano), max(max(start_unix_nano, end_unix_nano)), count(*), "
         "sum(type = 'EVENT'), sum(level = 'ERROR'), sum(level = 'WARNING'), sum(total_tokens), "
         "sum(total_cost), "
         "(SELECT count(*) FROM scores WHERE scores.trace_id = observations.trace_id), "
         "max(parent_span_id = '') FROM observations ";
}

}  // namespace

struct Store::State {
  explicit State(const std::string& path)
      : database(open_database(path)),
        put_observation(
            *database,
            std::string("INSERT INTO observations (") + observation_columns +
                ", input, output) VALUES (" + placeholders(observation_column_count + 2) +
                ") ON CONFLICT DO UPDATE SET (" + observation_columns + ", input, output) = (" +
                placeholders(observation_column_count - 2) + ", created_unix_nano, ?44, ?45, ?46)"),
        put_trace(*database,
                  "INSERT INTO traces (trace_id, start_unix_nano) VALUES (?1, ?2) ON CONFLICT DO "
                  "UPDATE SET start_unix_nano = min(start_unix_nano, ?2)"),
        put_score(*database, std::string("INSERT INTO scores (") + score_columns + ") VALUES (" +
                                 placeholders(score_column_count) +
                                 ") ON CONFLICT DO UPDATE SET (" + score_columns + ") = (" +
                                 placeholders(score_column_count - 2) +
                                 ", created_unix_nano, ?20)") {}

  std::mutex mutex;
  std::unique_ptr<SQLite::Database> database;  // guarded by mutex
  SQLite::Statement put_observation;           // guarded by mutex
  SQLite::Statement put_trace;                 // guarded by mutex
  SQLite::Statement put_score;                 // guarded by mutex
  Revision revision;                           // advanced after the commit it counts
};

namespace {

void run(SQLite::Statement& statement) {
  statement.exec();
  statement.reset();
  statement.clearBindings();
}

}  // namespace

Store::Store(const std::string& path) {
  try {
    state_ = std::make_unique<State>(path);
  } catch (const SQLite::Exception& error) {
    throw StoreError("cannot use " + path + " as the database: " + error.what());
  }
}

Store::~Store() = default;

void Store::put(const std::vector<ObservationRow>& rows) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    SQLite::Transaction transaction(*state_->database);
    for (const ObservationRow& row : rows) {
      bind_row(state_->put_observation, row);
      run(state_->put_observation);
      state_->put_trace.bindNoCopy(1, row.trace_id);
      state_->put_trace.bind(2, row.start_unix_nano);
      run(state_->put_trace);
    }
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    state_->put_observation.tryReset();
    state_->put_trace.tryReset();
    throw StoreError(error.what());
  }
  state_->revision.advance();
}

void Store::put(const std::vector<ScoreRow>& rows) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    SQLite::Transaction transaction(*state_->database);
    for (const ScoreRow& row : rows) {
      bind_row(state_->put_score, row);
      run(state_->put_score);
    }
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    state_->put_score.tryReset();
    throw StoreError(error.what());
  }
  state_->revision.advance();
}

std::vector<ObservationRow> Store::find(const ObservationQuery& query) {
  Conditions where;
  where.equal("trace_id", query.trace_id);
  where.equal("span_id", query.span_id);
  where.equal("type", query.type);
  where.equal("level", query.level);
  where.equal("name", query.name);
  where.equal("user_id", query.user_id);
  where.equal("session_id", query.session_id);
  where.equal("parent_span_id", query.parent_span_id);
  where.equal("environment", query.environment);
  where.compare("start_unix_nano >=", query.from_start_unix_nano);
  where.compare("start_unix_nano <", query.to_start_unix_nano);
  where.before(query.after);
  const std::string cut = std::to_string(query.text_limit);
  const std::string text_columns =
      query.text_limit > 0 ? "substr(input, 1, " + cut + "), substr(output, 1, " + cut + ")"
                           : "input, output";
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    SQLite::Statement statement(
        *state_->database,
        std::string("SELECT ") + observation_columns + ", " + text_columns + " FROM observations" +
            where.sql() + " ORDER BY start_unix_nano DESC, trace_id DESC, span_id DESC LIMIT ?");
    statement.bind(where.bind(statement), query.limit);
    std::vector<ObservationRow> rows;
    while (statement.executeStep()) {
      rows.push_back(read_observation(statement));
    }
    return rows;
  } catch (const SQLite::Exception& error) {
    throw StoreError(error.what());
  }
}

std::vector<ScoreRow> Store::find(const ScoreQuery& query) {
  Conditions where;
  where.equal("trace_id", query.trace_id);
  where.equal("observation_id", query.observation_id);
  where.equal("session_id", query.session_id);
  where.equal("name", query.name);
  where.equal("data_type", query.data_type);
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    SQLite::Statement statement(
        *state_->database, std::string("SELECT ") + score_columns + " FROM scores" + where.sql() +
                               " ORDER BY timestamp_unix_nano DESC, id LIMIT ? OFFSET ?");
    const int next = where.bind(statement);
    statement.bind(next, query.limit);
    statement.bind(next + 1, query.offset);
    std::vector<ScoreRow> rows;
    while (statement.executeStep()) {
      rows.push_back(read_score(statement));
    }
    return rows;
  } catch (const SQLite::Exception& error) {
    throw StoreError(error.what());
  }
}

std::vector<TraceSummary> Store::newest_traces(std::int64_t limit) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    SQLite::Statement statement(
        *state_->database,
        summary_sql() +
            "WHERE trace_id IN (SELECT trace_id FROM traces ORDER BY start_unix_nano DESC LIMIT ?) "
            "GROUP BY trace_id ORDER BY min(start_unix_nano) DESC, trace_id");
    statement.bind(1, limit);
    std::vector<TraceSummary> traces;
    while (statement.executeStep()) {
      traces.push_back(read_summary(statement));
    }
    return traces;
  } catch (const SQLite::Exception& error) {
    throw StoreError(error.what());
  }
}

std::optional<TraceSummary> Store::trace(const std::string& trace_id) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    SQLite::Statement statement(*state_->database,
                                summary_sql() + "WHERE trace_id = ? GROUP BY trace_id");
    statement.bind(1, trace_id);
    if (!statement.executeStep()) {
      return std::nullopt;
    }
    return read_summary(statement);
  } catch (const SQLite::Exception& error) {
    throw StoreError(error.what());
  }
}

std::int64_t Store::observation_count() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  try {
    return state_->database->execAndGet("SELECT count(*) FROM observations").getInt64();
  } catch (const SQLite::Exception& error) {
    throw StoreError(error.what());
  }
}

std::uint64_t Store::revision() const {
  return state_->revision.value();
}

std::uint64_t Store::wait_for_revision(std::uint64_t known,
                                       std::chrono::milliseconds timeout) const {
  return state_->revision.wait_until_not(known, timeout);
}

}  // namespace langfuse_receiver

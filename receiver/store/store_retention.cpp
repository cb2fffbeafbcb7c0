#include "receiver/store/store_retention.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "receiver/store/row_ids.h"

namespace langfuse_receiver {
namespace {

// What rows and indexes fill. Free pages do not count: what comes next fills them.
std::int64_t used_bytes(Connection& connection) {
  return (connection.number("PRAGMA page_count") - connection.number("PRAGMA freelist_count")) *
         connection.number("PRAGMA page_size");
}

void run(Connection& connection, const char* sql, std::int64_t first, std::int64_t last) {
  SQLite::Statement& statement = connection.statement(sql);
  statement.bind(1, first);
  statement.bind(2, last);
  statement.exec();
}

// Adds the ids of what it removes to `removed`.
void remove_oldest(std::int64_t count, Connection& connection, std::vector<std::string>& removed) {
  std::vector<std::pair<std::int64_t, std::string>> oldest;
  SQLite::Statement& traces =
      connection.statement("SELECT number, trace_id FROM traces ORDER BY written, number LIMIT ?");
  traces.bind(1, count);
  while (traces.executeStep()) {
    oldest.emplace_back(traces.getColumn(0).getInt64(), traces.getColumn(1).getString());
  }
  for (auto& [number, trace_id] : oldest) {
    run(connection, "DELETE FROM observations WHERE id BETWEEN ? AND ?", first_row_id(number),
        last_row_id(number));
    SQLite::Statement& scores = connection.statement("DELETE FROM scores WHERE trace_id = ?");
    scores.bindNoCopy(1, trace_id);
    scores.exec();
    run(connection, "DELETE FROM traces WHERE number BETWEEN ? AND ?", number, number);
    removed.push_back(std::move(trace_id));
  }
}

}  // namespace

std::vector<std::string> remove_beyond(const Retention& limits, std::int64_t traces,
                                       Connection& connection) {
  std::vector<std::string> removed;
  if (limits.max_traces > 0 && traces > limits.max_traces) {
    remove_oldest(traces - limits.max_traces, connection, removed);
    traces = limits.max_traces;
  }
  if (limits.max_bytes > 0 && used_bytes(connection) > limits.max_bytes) {
    // A little more than needed, so that it is not needed again at once.
    const std::int64_t wanted = limits.max_bytes - limits.max_bytes / 50;
    while (traces > 1 && used_bytes(connection) > wanted) {
      const std::int64_t count = std::max<std::int64_t>(1, traces / 100);
      remove_oldest(count, connection, removed);
      traces -= count;
    }
    // The text index marks what is gone, and gives its place back when it merges.
    connection.statement("INSERT INTO texts (texts, rank) VALUES ('merge', -200)").exec();
  }
  return removed;
}

}  // namespace langfuse_receiver

#include "receiver/store/store_insert.h"

#include "receiver/store/row_ids.h"
#include "receiver/store/store_columns.h"
#include "receiver/store/store_error.h"

namespace langfuse_receiver {
namespace {

// `created_unix_nano` stays what it was: it is the 44th value, between what comes before and after.
const std::string& put_observation_sql() {
  static const std::string sql = [] {
    const std::string columns = std::string(observation_columns) + ", input, output";
    const int count = observation_column_count + 4;  // with id, trace, input and output
    std::string updates;
    for (std::size_t at = 0; at < columns.size();) {
      const std::size_t end = std::min(columns.find(", ", at), columns.size());
      const std::string column = columns.substr(at, end - at);
      if (column != "created_unix_nano") {
        updates += (updates.empty() ? "" : ", ") + column + " = excluded." + column;
      }
      at = end + 2;
    }
    return "INSERT INTO observations (id, trace, " + columns + ") VALUES (" + placeholders(count) +
           ") ON CONFLICT (trace, span_id, start_ms) DO UPDATE SET " + updates;
  }();
  return sql;
}

const std::string& put_score_sql() {
  static const std::string sql = std::string("INSERT INTO scores (") + score_columns +
                                 ") VALUES (" + placeholders(score_column_count) +
                                 ") ON CONFLICT DO UPDATE SET (" + score_columns + ") = (" +
                                 placeholders(score_column_count - 2) + ", created_unix_nano, ?20)";
  return sql;
}

const std::string& put_trace_sql() {
  static const std::string sql = std::string("UPDATE traces SET (") + aggregate_columns +
                                 ", row_ids_given, written) = (" +
                                 placeholders(aggregate_column_count + 2) + ") WHERE number = ?31";
  return sql;
}

const std::string& find_trace_sql() {
  static const std::string sql = std::string("SELECT number, row_ids_given, ") + aggregate_columns +
                                 " FROM traces WHERE trace_id = ?";
  return sql;
}

const std::string& new_trace_sql() {
  static const std::string sql =
      std::string("INSERT INTO traces (trace_id, row_ids_given, written, ") + aggregate_columns +
      ") VALUES (?29, 0, 0, " + placeholders(aggregate_column_count) + ")";
  return sql;
}

}  // namespace

RowInserter::Trace& RowInserter::trace(const std::string& trace_id) {
  const auto [found, is_new] = traces_.try_emplace(trace_id);
  Trace& trace = found->second;
  if (!is_new) {
    return trace;
  }
  SQLite::Statement& known = connection_.statement(find_trace_sql());
  known.bindNoCopy(1, trace_id);
  if (known.executeStep()) {
    trace.number = known.getColumn(0).getInt64();
    trace.row_ids_given = known.getColumn(1).getInt64();
    trace.aggregate = read_aggregate(known, 2);
    known.reset();
    return trace;
  }
  SQLite::Statement& insert = connection_.statement(new_trace_sql());
  bind_aggregate(insert, trace.aggregate);
  insert.bindNoCopy(aggregate_column_count + 1, trace_id);
  insert.exec();
  trace.number = connection_.database().getLastInsertRowid();
  ++new_traces_;
  return trace;
}

void RowInserter::put(const ObservationRow& row) {
  Trace& of = trace(row.trace_id);
  if (of.row_ids_given == max_rows_of_trace) {
    throw RowsRefused("trace " + row.trace_id + " has " + std::to_string(max_rows_of_trace) +
                      " observations, and takes no more");
  }
  const std::int64_t id = first_row_id(of.number) + of.row_ids_given;
  SQLite::Statement& insert = connection_.statement(put_observation_sql());
  bind_row(insert, id, of.number, row);
  insert.exec();
  // A row that replaced another has left the id of the last new one as it was.
  if (connection_.database().getLastInsertRowid() == id) {
    ++of.row_ids_given;
    of.aggregate.add(row);
  } else {
    of.must_be_added_up_again = true;
  }
}

void RowInserter::put(const ScoreRow& row) {
  SQLite::Statement& insert = connection_.statement(put_score_sql());
  bind_row(insert, row);
  insert.exec();
}

TraceAggregate RowInserter::add_up(std::int64_t trace_number) {
  SQLite::Statement& rows =
      connection_.statement(std::string("SELECT ") + observation_columns +
                            ", '' AS input, '' AS output FROM observations WHERE trace = ?");
  rows.bind(1, trace_number);
  TraceAggregate aggregate;
  while (rows.executeStep()) {
    aggregate.add(read_observation(rows));
  }
  return aggregate;
}

void RowInserter::finish() {
  for (auto& [trace_id, trace] : traces_) {
    if (trace.must_be_added_up_again) {
      trace.aggregate = add_up(trace.number);
    }
    SQLite::Statement& update = connection_.statement(put_trace_sql());
    bind_aggregate(update, trace.aggregate);
    update.bind(aggregate_column_count + 1, trace.row_ids_given);
    update.bind(aggregate_column_count + 2, written_);
    update.bind(aggregate_column_count + 3, trace.number);
    update.exec();
  }
}

}  // namespace langfuse_receiver

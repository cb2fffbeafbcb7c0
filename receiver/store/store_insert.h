// Writing rows and what they add up to, inside a transaction that somebody else has begun. Used by
// `store_writer.cpp`, and by `store_schema.cpp` for files of old versions.

#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "receiver/rows/observation_row.h"
#include "receiver/rows/score_row.h"
#include "receiver/store/store_connection.h"
#include "receiver/store/trace_aggregate.h"

namespace langfuse_receiver {

// Collects what the rows of one transaction change in their traces, and writes each trace once.
// Throws `SQLite::Exception`; the transaction must be rolled back then.
class RowInserter {
 public:
  // `written`: the number of this transaction, greater than that of all before.
  RowInserter(Connection& connection, std::int64_t written)
      : connection_(connection), written_(written) {}

  // A row replaces the one with the same trace id, span id and start (in milliseconds).
  void put(const ObservationRow& row);

  // A row replaces the one with the same id.
  void put(const ScoreRow& row);

  // Writes the traces. The last call.
  void finish();

  // Traces that were not there before.
  std::int64_t new_traces() const { return new_traces_; }

 private:
  struct Trace {
    std::int64_t number = 0;
    std::int64_t row_ids_given = 0;
    bool must_be_added_up_again = false;  // a row was replaced: what it had added is in the sum
    TraceAggregate aggregate;
  };

  Trace& trace(const std::string& trace_id);
  TraceAggregate add_up(std::int64_t trace_number);

  Connection& connection_;
  std::int64_t written_;
  std::int64_t new_traces_ = 0;
  std::unordered_map<std::string, Trace> traces_;
};

}  // namespace langfuse_receiver

// The receiver's database: observations and scores in SQLite, in a file or in memory. The only
// file that knows SQL is `store.cpp`.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "receiver/observation_row.h"
#include "receiver/score_row.h"

namespace langfuse_receiver {

// The database cannot be used: it belongs to another program, is newer than this one, or cannot be
// opened. The text names the file.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where a page of observations ended.
struct ObservationCursor {
  std::int64_t start_unix_nano = 0;
  std::string trace_id;
  std::string span_id;
};

// Each given field narrows the answer.
struct ObservationQuery {
  std::optional<std::string> trace_id;
  std::optional<std::string> span_id;
  std::optional<std::string> type;
  std::optional<std::string> level;
  std::optional<std::string> name;
  std::optional<std::string> user_id;
  std::optional<std::string> session_id;
  std::optional<std::string> parent_span_id;
  std::optional<std::string> environment;
  std::optional<std::int64_t> from_start_unix_nano;  // inclusive
  std::optional<std::int64_t> to_start_unix_nano;    // exclusive
  std::optional<ObservationCursor> after;
  std::int64_t limit = 50;
  // Input and output are cut to this many characters; 0: whole. Lists need only the beginning of
  // values that may be megabytes.
  std::int64_t text_limit = 0;
};

struct ScoreQuery {
  std::optional<std::string> trace_id;
  std::optional<std::string> observation_id;
  std::optional<std::string> session_id;
  std::optional<std::string> name;
  std::optional<std::string> data_type;
  std::int64_t limit = 50;
  std::int64_t offset = 0;
};

// A trace as the list of traces shows it: there is no trace record, it is what its observations
// say.
struct TraceSummary {
  std::string trace_id;
  std::string name;       // newest trace name, else the name of the root
  std::string root_name;  // of the first observation without a parent; may be empty
  std::string user_id;
  std::string session_id;
  std::string version;
  std::string release;
  std::string environment;
  std::string tags;  // JSON text of the newest non-empty list
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
  std::int64_t observations = 0;  // events included
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t warnings = 0;
  std::int64_t tokens = 0;
  double cost = 0;
  std::int64_t scores = 0;
  bool has_root = false;  // an observation without a parent has arrived
};

// Any thread may call any function; calls take turns. A `put` returns after its one transaction is
// committed, and throws `StoreError` with nothing of it stored. A process that is killed loses
// nothing that was committed; a power failure may lose the last moments.
class Store {
 public:
  // `path` empty: in memory, gone with the store. Otherwise the file is created if it is not there,
  // with mode 0600. Throws `StoreError`.
  explicit Store(const std::string& path);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // A row replaces the one with the same trace id, span id and start (in milliseconds).
  void put(const std::vector<ObservationRow>& rows);

  // A row replaces the one with the same id.
  void put(const std::vector<ScoreRow>& rows);

  // Newest start first.
  std::vector<ObservationRow> find(const ObservationQuery& query);

  // Newest first.
  std::vector<ScoreRow> find(const ScoreQuery& query);

  // The traces that started last, newest first.
  std::vector<TraceSummary> newest_traces(std::int64_t limit);
  std::optional<TraceSummary> trace(const std::string& trace_id);

  std::int64_t observation_count();

  // Grows with every `put`, so that a reader knows when there is nothing new. Not persistent.
  std::uint64_t revision() const;

  // Returns the revision as soon as it is not `known`, or after `timeout`. Holds up nobody.
  std::uint64_t wait_for_revision(std::uint64_t known, std::chrono::milliseconds timeout) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace langfuse_receiver

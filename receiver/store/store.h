// The receiver's database: observations and scores in SQLite, in a file or in memory, and what the
// list of traces, its filters and the search need beside them. SQL is in the files `store_*.cpp`
// only; `store_schema.cpp` opens and migrates, `store_writer.cpp` is the one thread that writes.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "receiver/rows/observation_row.h"
#include "receiver/rows/score_row.h"
#include "receiver/store/trace_aggregate.h"

namespace langfuse_receiver {

// The database cannot be used: it belongs to another program, is newer than this one, cannot be
// opened, or was deleted, replaced or made read-only since. The text names the file.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Rows that this database will never take, whatever is mended: trying again is of no use.
class RowsRefused : public StoreError {
 public:
  using StoreError::StoreError;
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

// What a page of scores ends with.
struct ScoreCursor {
  std::int64_t timestamp_unix_nano = 0;
  std::string id;
};

struct ScoreQuery {
  std::optional<std::string> trace_id;
  std::optional<std::string> observation_id;
  std::optional<std::string> session_id;
  std::optional<std::string> name;
  std::optional<std::string> data_type;
  std::optional<ScoreCursor> after;
  std::int64_t limit = 50;
};

// What one row of a trace's tree shows.
struct TreeRow {
  std::string span_id;
  std::string parent_span_id;
  std::string name;
  std::string type;
  std::string level;
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
  std::optional<std::int64_t> completion_start_unix_nano;
  std::string model;
  std::optional<std::int64_t> tokens;
  std::optional<double> cost;
  std::string status_message;
  std::int64_t lint = 0;
  std::string message;  // the input of an event; empty for all others
};

// Where a page of traces ended.
struct TraceCursor {
  std::int64_t start_unix_nano = 0;
  std::string trace_id;
};

// Each given field narrows the answer.
struct TraceQuery {
  std::optional<std::string> text;         // as `Store::search` takes it
  std::optional<std::string> least_level;  // WARNING or ERROR: has an observation at least as bad
  std::optional<std::string> type;         // has an observation of this type
  std::optional<std::string> user_id;
  std::optional<std::string> session_id;
  std::optional<std::string> environment;
  std::optional<std::string> tag;
  std::optional<TraceCursor> before;
  std::int64_t limit = 100;
};

struct SessionSummary {
  std::string session_id;
  std::int64_t traces = 0;
  std::int64_t observations = 0;
  std::int64_t errors = 0;
  std::int64_t tokens = 0;
  double cost = 0;
  Json users = Json::array();
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
};

// What there is to filter by; users, environments and tags of the newest traces first.
struct Facets {
  std::vector<std::string> types;
  std::vector<std::string> levels;
  std::vector<std::string> environments;
  std::vector<std::string> users;
  std::vector<std::string> tags;
};

struct SearchHit {
  std::string trace_id;
  std::string span_id;
  std::string name;
  std::string type;
  std::string field;    // the first that matches: name, input, output, metadata, …
  std::string snippet;  // of that field; matches stand between U+0001 and U+0002
  std::int64_t start_unix_nano = 0;
};

struct SearchResult {
  std::vector<SearchHit> hits;    // of the traces that arrived last first
  std::int64_t not_searched = 0;  // observations that are not in the index yet
};

// 0: no limit. Whole traces are removed, those that were written to longest ago first; the one that
// was written to last always stays. `max_bytes` is what the data and its indexes fill: the file
// does not shrink, its free pages are filled again, and it grows beyond by one commit and the
// write-ahead log.
struct Retention {
  std::int64_t max_traces = 0;
  std::int64_t max_bytes = 0;
};

// Any thread may call any function. A `put` returns after the commit that holds its rows, and
// throws `StoreError` (`RowsRefused`) with nothing of them stored; puts of several threads share a
// commit. A process that is killed loses nothing that was committed; a power failure may lose the
// last moments. Readers of a file do not wait for the writer. In memory they wait for one commit at
// most. All functions throw `StoreError` when the database fails.
class Store {
 public:
  // `path` empty: in memory, gone with the store. Otherwise the file is created if it is not there,
  // with mode 0600, and migrated if an older version of the program made it. Throws `StoreError`.
  // `removed` is called with the ids of traces that were removed to keep the limits, after the
  // commit, on a thread of the store's, before the call that caused it returns.
  explicit Store(const std::string& path, const Retention& limits = {},
                 std::function<void(const std::vector<std::string>& trace_ids)> removed = {});
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

  // Newest start first.
  std::vector<TraceSummary> find(const TraceQuery& query);
  std::optional<TraceSummary> trace(const std::string& trace_id);

  // The newest `limit` observations of a trace, the oldest of them first; texts are cut to
  // `text_limit` characters.
  std::vector<TreeRow> tree(const std::string& trace_id, std::int64_t limit,
                            std::int64_t text_limit);

  // The ids of up to `limit` traces that arrived after the one with the number `*number`, in the
  // order of their arrival; `*number` becomes that of the last. From 0 on these are all traces, in
  // pages.
  std::vector<std::string> traces_after(std::int64_t* number, std::int64_t limit);

  // Those with the newest traces first.
  std::vector<SessionSummary> sessions(std::int64_t limit);

  // At most `limit` of each.
  Facets facets(std::int64_t limit);

  // Observations whose name, input, output, metadata, status message or model together hold all
  // words of `text`, each the beginning of a word, in any case; words between double quotes follow
  // each other. What comes from the resource or the scope is not searched, nor the middle of values
  // of more than 32 768 characters. Rows are indexed some time after they were put: the call waits
  // a quarter of a second for the rest, and says how many it has not seen.
  SearchResult search(const std::string& text, std::int64_t limit);

  std::int64_t observation_count();

  // Grows with every commit, so that a reader knows when there is nothing new. Not persistent.
  std::uint64_t revision() const;

  // Returns the revision as soon as it is not `known`, or after `timeout`. Holds up nobody.
  std::uint64_t wait_for_revision(std::uint64_t known, std::chrono::milliseconds timeout) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace langfuse_receiver

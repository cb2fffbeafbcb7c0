// The receiver's database: observations and scores in SQLite, in a file or in memory, and what the
// list of traces, its filters and the search need beside them. SQL is in the files `store_*.cpp`
// only; `store_schema.cpp` opens and migrates, `store_writer.cpp` is the one thread that writes.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "receiver/rows/observation_row.h"
#include "receiver/rows/score_row.h"
#include "receiver/store/store_data.h"
#include "receiver/store/store_error.h"
#include "receiver/store/trace_aggregate.h"

namespace langfuse_receiver {

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

#include "receiver/store/store.h"

#include <chrono>

#include "receiver/store/database_file.h"
#include "receiver/store/revision.h"
#include "receiver/store/store_connection.h"
#include "receiver/store/store_queries.h"
#include "receiver/store/store_schema.h"
#include "receiver/store/store_search.h"
#include "receiver/store/store_writer.h"

namespace langfuse_receiver {
namespace {

// Each has a page cache; more readers than this wait for each other.
constexpr std::size_t max_readers = 6;
constexpr std::chrono::milliseconds max_wait_for_index{250};

}  // namespace

struct Store::State {
  State(const std::string& path, const Retention& limits, StoreWriter::Committed removed)
      : file(path),
        writing([this] { return open_database(file); }, 1),
        reading([this] { return open_for_reading(file); }, max_readers),
        writer(file, writing, limits,
               [this, removed = std::move(removed)](const std::vector<std::string>& trace_ids) {
                 if (removed && !trace_ids.empty()) {
                   removed(trace_ids);
                 }
                 revision.advance();
               }) {
    if (!file.in_memory()) {
      reading.take();  // while the file is there: it can be read from then on, whatever happens
    }
  }

  // A database in memory is its connection: all share it.
  ConnectionPool& readers() { return file.in_memory() ? writing : reading; }

  template <typename Read>
  auto read(Read read_from) {
    try {
      const ConnectionPool::Lease connection = readers().take();
      return read_from(*connection);
    } catch (const SQLite::Exception& error) {
      throw StoreError(error.what());
    }
  }

  DatabaseFile file;
  ConnectionPool writing;
  ConnectionPool reading;
  Revision revision;   // advanced after the commit it counts
  StoreWriter writer;  // the last: its thread uses all others
};

Store::Store(const std::string& path, const Retention& limits,
             std::function<void(const std::vector<std::string>& trace_ids)> removed) {
  try {
    state_ = std::make_unique<State>(path, limits, std::move(removed));
  } catch (const SQLite::Exception& error) {
    refuse_database(path, error.what());
  }
}

Store::~Store() = default;

void Store::put(const std::vector<ObservationRow>& rows) {
  state_->writer.put(rows);
}

void Store::put(const std::vector<ScoreRow>& rows) {
  state_->writer.put(rows);
}

std::vector<ObservationRow> Store::find(const ObservationQuery& query) {
  return state_->read([&](Connection& connection) { return find_observations(query, connection); });
}

std::vector<ScoreRow> Store::find(const ScoreQuery& query) {
  return state_->read([&](Connection& connection) { return find_scores(query, connection); });
}

std::vector<TraceSummary> Store::find(const TraceQuery& query) {
  if (query.text) {
    state_->writer.wait_until_indexed(std::chrono::steady_clock::now() + max_wait_for_index);
  }
  return state_->read([&](Connection& connection) { return find_traces(query, connection); });
}

std::optional<TraceSummary> Store::trace(const std::string& trace_id) {
  return state_->read([&](Connection& connection) { return find_trace(trace_id, connection); });
}

std::vector<TreeRow> Store::tree(const std::string& trace_id, std::int64_t limit,
                                 std::int64_t text_limit) {
  return state_->read(
      [&](Connection& connection) { return find_tree(trace_id, limit, text_limit, connection); });
}

std::vector<std::string> Store::traces_after(std::int64_t* number, std::int64_t limit) {
  return state_->read(
      [&](Connection& connection) { return find_traces_after(number, limit, connection); });
}

std::vector<SessionSummary> Store::sessions(std::int64_t limit) {
  return state_->read([&](Connection& connection) { return find_sessions(limit, connection); });
}

Facets Store::facets(std::int64_t limit) {
  return state_->read([&](Connection& connection) { return find_facets(limit, connection); });
}

SearchResult Store::search(const std::string& text, std::int64_t limit) {
  state_->writer.wait_until_indexed(std::chrono::steady_clock::now() + max_wait_for_index);
  return state_->read([&](Connection& connection) {
    SearchResult result;
    result.hits = search_texts(text, limit, connection);
    result.not_searched = count_unindexed(connection);
    return result;
  });
}

std::int64_t Store::observation_count() {
  return state_->read([&](Connection& connection) { return count_observations(connection); });
}

std::uint64_t Store::revision() const {
  return state_->revision.value();
}

std::uint64_t Store::wait_for_revision(std::uint64_t known,
                                       std::chrono::milliseconds timeout) const {
  return state_->revision.wait_until_not(known, timeout);
}

}  // namespace langfuse_receiver

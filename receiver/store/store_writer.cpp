#include "receiver/store/store_writer.h"

#include "receiver/base/blocked_signals.h"
#include "receiver/store/store_error.h"
#include "receiver/store/store_insert.h"
#include "receiver/store/store_retention.h"
#include "receiver/store/store_search.h"

namespace langfuse_receiver {
namespace {

// A commit costs the same for one row as for many; readers of a database in memory wait for one.
constexpr std::size_t max_rows_of_group = 4096;
// Indexing a text takes longer than storing it, so it waits until nobody else does: a burst is
// stored at full speed and indexed afterwards, in steps that a new `put` can wait for.
constexpr std::chrono::milliseconds quiet_before_indexing{20};
constexpr std::int64_t rows_of_indexing_step = 256;

}  // namespace

StoreWriter::StoreWriter(const DatabaseFile& file, ConnectionPool& connections,
                         const Retention& limits, Committed committed)
    : file_(file), connections_(connections), limits_(limits), committed_(std::move(committed)) {
  {
    const ConnectionPool::Lease connection = connections_.take();
    written_ = connection->number("SELECT coalesce(max(written), 0) FROM traces");
    traces_ = connection->number("SELECT count(*) FROM traces");
  }
  const BlockedSignals in_the_thread;
  thread_ = std::thread([this] { run(); });
}

StoreWriter::~StoreWriter() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void StoreWriter::put(const std::vector<ObservationRow>& rows) {
  Job job;
  job.observations = &rows;
  hand_over(job);
}

void StoreWriter::put(const std::vector<ScoreRow>& rows) {
  Job job;
  job.scores = &rows;
  hand_over(job);
}

void StoreWriter::hand_over(Job& job) {
  std::unique_lock<std::mutex> lock(mutex_);
  jobs_.push_back(&job);
  work_.notify_one();
  done_.wait(lock, [&job] { return job.is_done; });
  if (job.error) {
    std::rethrow_exception(job.error);
  }
}

void StoreWriter::wait_until_indexed(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  ++waiting_for_index_;
  work_.notify_one();
  indexed_.wait_until(lock, deadline, [this] { return all_are_indexed_; });
  --waiting_for_index_;
}

void StoreWriter::run() {
  for (;;) {
    const Group group = next_group();
    if (!group.empty()) {
      commit(group);
    }
    std::unique_lock<std::mutex> lock(mutex_);
    if (stopping_ && jobs_.empty()) {
      return;
    }
    if (all_are_indexed_ || (waiting_for_index_ == 0 && !(group.empty() && jobs_.empty()))) {
      continue;
    }
    lock.unlock();
    const bool all = index_some();
    lock.lock();
    all_are_indexed_ = all;
    lock.unlock();
    if (all) {
      indexed_.notify_all();
    }
  }
}

// Empty: there is time to index, or the store ends.
StoreWriter::Group StoreWriter::next_group() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto has_work = [this] {
    return stopping_ || !jobs_.empty() || (waiting_for_index_ > 0 && !all_are_indexed_);
  };
  if (all_are_indexed_) {
    work_.wait(lock, has_work);
  } else if (!is_quiet_) {
    is_quiet_ = !work_.wait_for(lock, quiet_before_indexing, has_work);
  }
  is_quiet_ = is_quiet_ && jobs_.empty();
  Group group;
  for (std::size_t rows = 0; !jobs_.empty() && rows < max_rows_of_group;) {
    group.push_back(jobs_.front());
    jobs_.pop_front();
    rows += group.back()->observations != nullptr ? group.back()->observations->size()
                                                  : group.back()->scores->size();
  }
  return group;
}

// What one job cannot have stored must not keep the others from it: together, else one by one.
void StoreWriter::commit(const Group& group) {
  std::vector<std::string> removed;
  try {
    removed = store(group);
  } catch (const std::exception& error) {
    if (group.size() == 1) {
      const bool is_ours = dynamic_cast<const StoreError*>(&error) != nullptr;
      finish(group, is_ours ? std::current_exception()
                            : std::make_exception_ptr(StoreError(error.what())));
      return;
    }
    for (Job* job : group) {
      commit({job});
    }
    return;
  }
  committed_(removed);
  finish(group, nullptr);
}

void StoreWriter::finish(const Group& group, const std::exception_ptr& error) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    all_are_indexed_ = all_are_indexed_ && error;
    for (Job* job : group) {
      job->error = error;
      job->is_done = true;
    }
  }
  done_.notify_all();
}

// Returns the ids of the traces that were removed to make room.
std::vector<std::string> StoreWriter::store(const Group& group) {
  if (const std::string problem = file_.problem(); !problem.empty()) {
    throw StoreError(problem);
  }
  const ConnectionPool::Lease connection = connections_.take();
  // At once for writing: one that reads first cannot wait for another program that writes.
  SQLite::Transaction transaction(connection->database(), SQLite::TransactionBehavior::IMMEDIATE);
  RowInserter inserter(*connection, written_ + 1);
  for (const Job* job : group) {
    if (job->observations != nullptr) {
      for (const ObservationRow& row : *job->observations) {
        inserter.put(row);
      }
    } else {
      for (const ScoreRow& row : *job->scores) {
        inserter.put(row);
      }
    }
  }
  inserter.finish();
  const std::int64_t traces = traces_ + inserter.new_traces();
  std::vector<std::string> removed = remove_beyond(limits_, traces, *connection);
  connection->reset_statements();
  transaction.commit();
  ++written_;
  traces_ = traces - static_cast<std::int64_t>(removed.size());
  return removed;
}

// A step of indexing; true if nothing is left. A failure is no caller's: it is tried again with the
// next rows, and until then searches say how much is missing.
bool StoreWriter::index_some() {
  try {
    const ConnectionPool::Lease connection = connections_.take();
    SQLite::Transaction transaction(connection->database(), SQLite::TransactionBehavior::IMMEDIATE);
    const std::int64_t indexed = index_texts(rows_of_indexing_step, *connection);
    connection->reset_statements();
    transaction.commit();
    return indexed < rows_of_indexing_step;
  } catch (const SQLite::Exception&) {
    return true;
  }
}

}  // namespace langfuse_receiver

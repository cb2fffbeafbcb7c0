// The one thread that writes into the receiver's database. Callers hand rows over and wait; what
// came together is committed together. Used by `store.cpp` only.

#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "receiver/rows/observation_row.h"
#include "receiver/rows/score_row.h"
#include "receiver/store/database_file.h"
#include "receiver/store/store_connection.h"
#include "receiver/store/store_data.h"

namespace langfuse_receiver {

class StoreWriter {
 public:
  // Is given the ids of the traces that the commit has removed.
  using Committed = std::function<void(const std::vector<std::string>& removed)>;

  // `connections` gives the writer's connection, for one commit at a time; `committed` is called on
  // the writer's thread after each commit of rows, before their callers return.
  StoreWriter(const DatabaseFile& file, ConnectionPool& connections, const Retention& limits,
              Committed committed);
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  // Return when the rows are committed; throw `StoreError` if they are not, with none of them
  // stored. Any thread.
  void put(const std::vector<ObservationRow>& rows);
  void put(const std::vector<ScoreRow>& rows);

  // Waits until the texts of all rows are in the index, or could not be put there, at most until
  // `deadline`; the writer works at it meanwhile even if rows keep coming. Any thread.
  void wait_until_indexed(std::chrono::steady_clock::time_point deadline);

 private:
  // The rows of one caller, on whose stack it lies until it is done.
  struct Job {
    const std::vector<ObservationRow>* observations = nullptr;
    const std::vector<ScoreRow>* scores = nullptr;
    std::exception_ptr error;  // guarded by mutex_
    bool is_done = false;      // guarded by mutex_
  };
  using Group = std::vector<Job*>;

  void hand_over(Job& job);
  void run();
  Group next_group();
  void commit(const Group& group);
  std::vector<std::string> store(const Group& group);
  void finish(const Group& group, const std::exception_ptr& error);
  bool index_some();

  const DatabaseFile& file_;
  ConnectionPool& connections_;
  const Retention limits_;
  const Committed committed_;
  std::int64_t written_ = 0;  // the writer's thread only
  std::int64_t traces_ = 0;   // the same
  bool is_quiet_ = false;     // the same: nobody has come for a while

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::condition_variable indexed_;
  std::deque<Job*> jobs_;         // guarded by mutex_
  bool all_are_indexed_ = false;  // guarded by mutex_
  int waiting_for_index_ = 0;     // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace langfuse_receiver

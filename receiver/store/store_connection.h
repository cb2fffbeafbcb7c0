// Connections to the receiver's database: each with the statements that were prepared on it, and
// the pool that readers take them from. Used by the `store_*.cpp` files only.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace langfuse_receiver {

// One thread at a time uses it.
class Connection {
 public:
  explicit Connection(std::unique_ptr<SQLite::Database> database)
      : database_(std::move(database)) {}

  SQLite::Database& database() { return *database_; }

  // The statement, reset and without values. It is prepared once and kept: the reference is good
  // until the next call with a text that is new. REQUIRES: no other use of the same text is under
  // way.
  SQLite::Statement& statement(const std::string& sql);

  // What a query says whose answer is one number. Same REQUIRES.
  std::int64_t number(const std::string& sql);

  // Ends what a statement that threw, or was not read to its end, still holds open.
  void reset_statements();

  // Gives the database back; the statements are gone.
  std::unique_ptr<SQLite::Database> release();

 private:
  std::unique_ptr<SQLite::Database> database_;
  std::unordered_map<std::string, SQLite::Statement> statements_;
};

// Hands out connections, at most `most` at once; who comes when all are taken waits for its turn,
// in the order of coming: a writer that never pauses does not shut readers out. Any thread.
class ConnectionPool {
 public:
  using Open = std::function<std::unique_ptr<SQLite::Database>()>;
  ConnectionPool(Open open, std::size_t most) : open_(std::move(open)), most_(most) {}

  // Gives the connection back in its destructor.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    ConnectionPool& pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Throws what opening the first connection throws; where a further one cannot be opened, the call
  // waits for one of those that are there.
  Lease take();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const Open open_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable next_may_go_;
  std::uint64_t next_ticket_ = 0;                  // guarded by mutex_
  std::uint64_t serving_ = 0;                      // guarded by mutex_
  std::size_t opened_ = 0;                         // guarded by mutex_
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

}  // namespace langfuse_receiver

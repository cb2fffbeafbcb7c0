#include "receiver/store/store_connection.h"

#include <exception>

namespace langfuse_receiver {
namespace {

// More texts than the queries have: what a client can vary is bound, not written into the text, but
// each set of filters is a text of its own.
constexpr std::size_t max_statements = 256;

}  // namespace

SQLite::Statement& Connection::statement(const std::string& sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) {
    found->second.tryReset();
    found->second.clearBindings();
    return found->second;
  }
  if (statements_.size() >= max_statements) {
    statements_.clear();
  }
  return statements_.try_emplace(sql, *database_, sql).first->second;
}

std::int64_t Connection::number(const std::string& sql) {
  SQLite::Statement& query = statement(sql);
  query.executeStep();
  const std::int64_t number = query.getColumn(0).getInt64();
  query.reset();
  return number;
}

void Connection::reset_statements() {
  for (auto& [sql, statement] : statements_) {
    statement.tryReset();
  }
}

std::unique_ptr<SQLite::Database> Connection::release() {
  statements_.clear();
  return std::move(database_);
}

ConnectionPool::Lease::~Lease() {
  connection_->reset_statements();
  pool_.give_back(std::move(connection_));
}

ConnectionPool::Lease ConnectionPool::take() {
  std::unique_lock<std::mutex> lock(mutex_);
  const std::uint64_t ticket = next_ticket_++;
  next_may_go_.wait(lock,
                    [&] { return ticket == serving_ && (!idle_.empty() || opened_ < most_); });
  ++serving_;
  next_may_go_.notify_all();
  if (idle_.empty()) {
    try {
      idle_.push_back(std::make_unique<Connection>(open_()));
      ++opened_;
    } catch (const std::exception&) {
      // The file is gone, perhaps: those that have it open can still read.
      if (opened_ == 0) {
        throw;
      }
      next_may_go_.wait(lock, [this] { return !idle_.empty(); });
    }
  }
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return {*this, std::move(connection)};
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  next_may_go_.notify_all();
}

}  // namespace langfuse_receiver

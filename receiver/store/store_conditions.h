// WHERE clauses that are put together from what a client asks for. Used by `store_*.cpp` only.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace langfuse_receiver {

// The text of the clause depends only on which values are given, never on the values: they are
// bound.
class Conditions {
 public:
  using Value = std::variant<std::string, std::int64_t>;

  // `condition` with one `?` for each of `values`.
  void add(const std::string& condition, std::vector<Value> values = {}) {
    sql_ += (sql_.empty() ? " WHERE " : " AND ") + condition;
    for (Value& value : values) {
      values_.push_back(std::move(value));
    }
  }

  // Nothing if there is no value.
  template <typename T>
  void add_if(const std::string& condition, const std::optional<T>& value) {
    if (value) {
      add(condition, {Value(*value)});
    }
  }

  // Empty if there are no conditions, else it begins with a space.
  const std::string& sql() const { return sql_; }

  // Returns the index of the next parameter.
  int bind(SQLite::Statement& statement) const {
    int at = 0;
    for (const Value& value : values_) {
      std::visit([&](const auto& one) { statement.bind(++at, one); }, value);
    }
    return at + 1;
  }

 private:
  std::string sql_;
  std::vector<Value> values_;
};

}  // namespace langfuse_receiver

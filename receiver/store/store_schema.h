// Opens the receiver's database and brings its tables to what this program knows. Used by
// `store_*.cpp` only.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>

#include "receiver/store/database_file.h"

namespace langfuse_receiver {

// The rows of a trace have the ids `first_row_id(number)` to `last_row_id(number)`: what belongs
// together lies together, and an id in the text index says which trace it is of.
inline constexpr int row_id_bits = 24;
inline constexpr std::int64_t max_rows_of_trace = std::int64_t{1} << row_id_bits;
inline constexpr std::int64_t first_row_id(std::int64_t trace_number) {
  return trace_number << row_id_bits;
}
inline constexpr std::int64_t last_row_id(std::int64_t trace_number) {
  return first_row_id(trace_number + 1) - 1;
}

// "cannot use <path> as the database: <problem>"
[[noreturn]] void refuse_database(const std::string& path, const std::string& problem);

// The connection that writes. A new file gets its tables, an old one is migrated: all of it, or
// nothing. Throws `StoreError` if the file belongs to another program or is newer than this one.
std::unique_ptr<SQLite::Database> open_database(const DatabaseFile& file);

// Another connection to a file that `open_database` has opened, which only reads. Throws
// `StoreError`.
std::unique_ptr<SQLite::Database> open_for_reading(const DatabaseFile& file);

}  // namespace langfuse_receiver

// Opens the receiver's database and brings its tables to what this program knows. Used by
// `store_*.cpp` only.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>

#include "receiver/store/database_file.h"

namespace langfuse_receiver {

// The connection that writes. A new file gets its tables, an old one is migrated: all of it, or
// nothing. Throws `StoreError` if the file belongs to another program or is newer than this one.
std::unique_ptr<SQLite::Database> open_database(const DatabaseFile& file);

// Another connection to a file that `open_database` has opened, which only reads. Throws
// `StoreError`.
std::unique_ptr<SQLite::Database> open_for_reading(const DatabaseFile& file);

}  // namespace langfuse_receiver

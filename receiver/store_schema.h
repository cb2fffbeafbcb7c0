// The tables of the receiver's database, and opening a file as such a database.

#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>

namespace langfuse_receiver {

// Opens or creates the database; see the constructor of `Store`. Throws `StoreError`.
std::unique_ptr<SQLite::Database> open_database(const std::string& path);

}  // namespace langfuse_receiver

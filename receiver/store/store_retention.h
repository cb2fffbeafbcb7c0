// Keeps the database within its limits by removing whole traces. Used by `store_writer.cpp` only.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "receiver/store/store_connection.h"
#include "receiver/store/store_data.h"

namespace langfuse_receiver {

// Removes the traces that were written to longest ago, with their scores, until the limits hold;
// the last trace stays in any case. `traces` is how many there are; returns the ids of those that
// were removed. Inside a transaction; throws `SQLite::Exception`.
std::vector<std::string> remove_beyond(const Retention& limits, std::int64_t traces,
                                       Connection& connection);

}  // namespace langfuse_receiver

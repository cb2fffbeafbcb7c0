// The tables of the receiver's database, version by version. Used by `store_schema.cpp` only.

#pragma once

#include <vector>

namespace langfuse_receiver {

// Step n makes version n + 1 of version n; an empty file is version 0. A step that was released is
// never changed: there are files that it made.
const std::vector<const char*>& schema_steps();

}  // namespace langfuse_receiver

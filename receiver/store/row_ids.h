// How the ids of rows are given. Used by `store_*.cpp` only.

#pragma once

#include <cstdint>

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

}  // namespace langfuse_receiver

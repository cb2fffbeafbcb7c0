// The text index: filling it, and asking it. Used by `store_*.cpp` only.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "receiver/store/store_connection.h"
#include "receiver/store/store_data.h"

namespace langfuse_receiver {

// Puts the texts of up to `most` rows into the index, inside a transaction; returns of how many.
std::int64_t index_texts(std::int64_t most, Connection& connection);

// How many rows are not in the index yet.
std::int64_t count_unindexed(Connection& connection);

// What a person typed as an expression of FTS5: words that all occur, each the beginning of a word;
// between double quotes, words that follow each other. Never a syntax error. Empty if there is no
// word in it.
std::string match_expression(const std::string& typed);

std::vector<SearchHit> search_texts(const std::string& typed, std::int64_t limit,
                                    Connection& connection);

}  // namespace langfuse_receiver

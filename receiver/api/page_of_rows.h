// Lists that are answered in pages.

#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "receiver/store/store.h"

namespace langfuse_receiver {

template <class Row>
struct PageOfRows {
  std::vector<Row> rows;
  bool has_more = false;  // a next page begins after the last of them
};

// What the store finds, at most `limit` rows of it.
template <class Query>
auto find_page(Store& store, Query query, std::int64_t limit) {
  query.limit = limit + 1;  // one more says whether there is a next page
  auto rows = store.find(query);
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  if (has_more) {
    rows.pop_back();
  }
  return PageOfRows<typename decltype(rows)::value_type>{std::move(rows), has_more};
}

}  // namespace langfuse_receiver

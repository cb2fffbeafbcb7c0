#include "receiver/store/trace_aggregate.h"

#include <algorithm>
#include <limits>

namespace langfuse_receiver {
namespace {

void keep_newest(DatedText& kept, const std::string& text, std::int64_t at) {
  // Of two with the same time the greater text wins, so that the order of arrival does not matter.
  if (!text.empty() && (kept.text.empty() || at > kept.at_unix_nano ||
                        (at == kept.at_unix_nano && text > kept.text))) {
    kept = {text, at};
  }
}

void keep_oldest(DatedText& kept, const std::string& text, std::int64_t at) {
  if (!text.empty() && (kept.text.empty() || at < kept.at_unix_nano ||
                        (at == kept.at_unix_nano && text < kept.text))) {
    kept = {text, at};
  }
}

void add_once(Json& list, const std::string& value) {
  if (std::find(list.begin(), list.end(), Json(value)) == list.end()) {
    list.push_back(value);
  }
}

template <typename Number>
Number total_of(const Json& details) {
  const auto total = details.find("total");
  return total != details.end() && total->is_number() ? total->get<Number>() : Number{0};
}

}  // namespace

std::int64_t total_tokens(const ObservationRow& row) {
  return total_of<std::int64_t>(row.usage_details);
}

double total_cost(const ObservationRow& row) {
  return total_of<double>(row.cost_details);
}

void TraceAggregate::add(const ObservationRow& row) {
  const std::int64_t at = row.start_unix_nano;
  const std::int64_t row_end = std::max(at, row.end_unix_nano);
  start_unix_nano = observations == 0 ? at : std::min(start_unix_nano, at);
  end_unix_nano = observations == 0 ? row_end : std::max(end_unix_nano, row_end);
  keep_newest(trace_name, row.trace_name, at);
  keep_newest(user_id, row.user_id, at);
  keep_newest(session_id, row.session_id, at);
  keep_newest(version, row.version, at);
  keep_newest(release, row.release, at);
  keep_newest(environment, row.environment, at);
  if (!row.tags.empty()) {
    keep_newest(tags, to_text(row.tags), at);
  }
  if (row.parent_span_id.empty() || row.is_app_root) {
    keep_oldest(root_name, row.name, at);
  }
  has_root = has_root || row.parent_span_id.empty();
  ++observations;
  events += row.type == "EVENT" ? 1 : 0;
  errors += row.level == "ERROR" ? 1 : 0;
  warnings += row.level == "WARNING" ? 1 : 0;
  lint += static_cast<std::int64_t>(row.warnings.size());
  // Counts are what clients say; a sum that does not fit stays at the largest number.
  const std::int64_t more = total_tokens(row);
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  tokens = more > most - tokens ? most : tokens + more;
  cost += total_cost(row);
  add_once(types, row.type);
  add_once(levels, row.level);
}

}  // namespace langfuse_receiver

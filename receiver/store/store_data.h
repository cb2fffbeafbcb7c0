// What the store is asked and what it answers: plain data.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "receiver/base/json_text.h"

namespace langfuse_receiver {

// Where a page of observations ended.
struct ObservationCursor {
  std::int64_t start_unix_nano = 0;
  std::string trace_id;
  std::string span_id;
};

// Each given field narrows the answer.
struct ObservationQuery {
  std::optional<std::string> trace_id;
  std::optional<std::string> span_id;
  std::optional<std::string> type;
  std::optional<std::string> level;
  std::optional<std::string> name;
  std::optional<std::string> user_id;
  std::optional<std::string> session_id;
  std::optional<std::string> parent_span_id;
  std::optional<std::string> environment;
  std::optional<std::int64_t> from_start_unix_nano;  // inclusive
  std::optional<std::int64_t> to_start_unix_nano;    // exclusive
  std::optional<ObservationCursor> after;
  std::int64_t limit = 50;
  // Input and output are cut to this many characters; 0: whole. Lists need only the beginning of
  // values that may be megabytes.
  std::int64_t text_limit = 0;
};

// What a page of scores ends with.
struct ScoreCursor {
  std::int64_t timestamp_unix_nano = 0;
  std::string id;
};

struct ScoreQuery {
  std::optional<std::string> trace_id;
  std::optional<std::string> observation_id;
  std::optional<std::string> session_id;
  std::optional<std::string> name;
  std::optional<std::string> data_type;
  std::optional<ScoreCursor> after;
  std::int64_t limit = 50;
};

// What one row of a trace's tree shows.
struct TreeRow {
  std::string span_id;
  std::string parent_span_id;
  std::string name;
  std::string type;
  std::string level;
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
  std::optional<std::int64_t> completion_start_unix_nano;
  std::string model;
  std::optional<std::int64_t> tokens;
  std::optional<double> cost;
  std::string status_message;
  std::int64_t lint = 0;
  std::string message;  // the input of an event; empty for all others
};

// Where a page of traces ended.
struct TraceCursor {
  std::int64_t start_unix_nano = 0;
  std::string trace_id;
};

// Each given field narrows the answer.
struct TraceQuery {
  std::optional<std::string> text;         // as `Store::search` takes it
  std::optional<std::string> least_level;  // WARNING or ERROR: has an observation at least as bad
  std::optional<std::string> type;         // has an observation of this type
  std::optional<std::string> user_id;
  std::optional<std::string> session_id;
  std::optional<std::string> environment;
  std::optional<std::string> tag;
  std::optional<TraceCursor> before;
  std::int64_t limit = 100;
};

struct SessionSummary {
  std::string session_id;
  std::int64_t traces = 0;
  std::int64_t observations = 0;
  std::int64_t errors = 0;
  std::int64_t tokens = 0;
  double cost = 0;
  Json users = Json::array();
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
};

// What there is to filter by; users, environments and tags of the newest traces first.
struct Facets {
  std::vector<std::string> types;
  std::vector<std::string> levels;
  std::vector<std::string> environments;
  std::vector<std::string> users;
  std::vector<std::string> tags;
};

struct SearchHit {
  std::string trace_id;
  std::string span_id;
  std::string name;
  std::string type;
  std::string field;    // the first that matches: name, input, output, metadata, …
  std::string snippet;  // of that field; matches stand between U+0001 and U+0002
  std::int64_t start_unix_nano = 0;
};

struct SearchResult {
  std::vector<SearchHit> hits;    // of the traces that arrived last first
  std::int64_t not_searched = 0;  // observations that are not in the index yet
};

// 0: no limit. Whole traces are removed, those that were written to longest ago first; the one that
// was written to last always stays. `max_bytes` is what the data and its indexes fill: the file
// does not shrink, its free pages are filled again, and it grows beyond by one commit and the
// write-ahead log.
struct Retention {
  std::int64_t max_traces = 0;
  std::int64_t max_bytes = 0;
};

}  // namespace langfuse_receiver

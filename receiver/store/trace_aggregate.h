// What a trace is, added up from its observations: there is no trace record. The store keeps one
// aggregate a trace beside the observations, so that the list of traces never reads them. No
// storage here.

#pragma once

#include <cstdint>
#include <string>

#include "receiver/rows/observation_row.h"

namespace langfuse_receiver {

// A trace as the list of traces shows it.
struct TraceSummary {
  std::string trace_id;
  std::string name;       // newest trace name, else the name of the root
  std::string root_name;  // of the first observation without a parent; may be empty
  std::string user_id;
  std::string session_id;
  std::string version;
  std::string release;
  std::string environment;
  std::string tags;  // JSON text of the newest non-empty list
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
  std::int64_t observations = 0;  // events included
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t warnings = 0;  // observations with this level
  std::int64_t lint = 0;      // what `ObservationRow::warnings` hold
  std::int64_t tokens = 0;
  double cost = 0;
  std::int64_t scores = 0;
  bool has_root = false;  // an observation without a parent has arrived
};

// A text and the start of the observation that said it.
struct DatedText {
  std::string text;
  std::int64_t at_unix_nano = 0;
};

struct TraceAggregate {
  DatedText trace_name;
  DatedText root_name;  // the oldest; of all others the newest counts
  DatedText user_id;
  DatedText session_id;
  DatedText version;
  DatedText release;
  DatedText environment;
  DatedText tags;                    // JSON text of a list; empty: none
  std::int64_t start_unix_nano = 0;  // times mean nothing while `observations` is 0
  std::int64_t end_unix_nano = 0;
  std::int64_t observations = 0;
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t warnings = 0;
  std::int64_t lint = 0;
  std::int64_t tokens = 0;
  double cost = 0;
  bool has_root = false;
  Json types = Json::array();   // which there are: SPAN, …
  Json levels = Json::array();  // the same: DEBUG, …

  // REQUIRES: `row` is of this trace and was not added before. The order of rows does not matter.
  void add(const ObservationRow& row);
};

// `details["total"]`, 0 if there is none.
std::int64_t total_tokens(const ObservationRow& row);
double total_cost(const ObservationRow& row);

}  // namespace langfuse_receiver

// One score as the receiver stores and shows it. Plain data; `score_ingestion.h` fills it.

#pragma once

#include <cstdint>
#include <string>

#include "receiver/base/json_text.h"
#include "receiver/rows/received.h"

namespace langfuse_receiver {

// Empty strings mean "not given". Exactly one of `trace_id`, `session_id` and `dataset_run_id` is
// set.
struct ScoreRow : Received {
  std::string id;
  std::string trace_id;
  std::string observation_id;
  std::string session_id;
  std::string dataset_run_id;
  std::string name;
  std::string data_type;  // NUMERIC, BOOLEAN, CATEGORICAL, TEXT, CORRECTION
  double value = 0;
  std::string string_value;  // "True" and "False" for BOOLEAN; the text of the three last types
  std::string comment;
  Json metadata = Json::object();
  std::string config_id;
  std::string source;
  std::string environment;
  std::int64_t timestamp_unix_nano = 0;
};

}  // namespace langfuse_receiver

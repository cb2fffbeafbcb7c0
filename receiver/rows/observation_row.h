// One observation as the receiver stores and shows it: the row that a Langfuse server makes of one
// span. Plain data; `span_conversion.h` fills it, `store.h` keeps it, `read_api.h` writes it as
// JSON.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "receiver/base/json_text.h"
#include "receiver/rows/received.h"

namespace langfuse_receiver {

// Empty strings and empty JSON mean "not given".
struct ObservationRow : Received {
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id;
  std::string name;
  std::string type;   // SPAN, GENERATION, EVENT, AGENT, …
  std::string level;  // DEBUG, DEFAULT, WARNING, ERROR
  std::string status_message;
  std::string environment;  // normalised, "default" if not given
  std::string version;
  std::string release;

  // Nanoseconds are kept, so that log lines within a millisecond stay in order; the public API cuts
  // them to milliseconds as the server does.
  std::int64_t start_unix_nano = 0;
  std::int64_t end_unix_nano = 0;
  std::optional<std::int64_t> completion_start_unix_nano;

  std::string trace_name;
  std::string user_id;
  std::string session_id;
  Json tags = Json::array();
  bool is_public = false;
  bool is_app_root = false;

  std::string input;               // text, or JSON text
  std::string output;              // the same
  Json metadata = Json::object();  // flat: dotted name → text
  // Texts: what of this observation a real server would lose although it accepts it.
  Json warnings = Json::array();

  std::string model;
  Json model_parameters = Json::object();
  Json provided_usage_details = Json::object();
  Json usage_details = Json::object();  // with `total`
  Json provided_cost_details = Json::object();
  Json cost_details = Json::object();
  std::string prompt_name;
  std::optional<std::int64_t> prompt_version;

  std::string service_name;
  std::string service_version;
  std::string scope_name;
  std::string scope_version;
  std::string telemetry_sdk_language;
  std::string telemetry_sdk_name;
  std::string telemetry_sdk_version;
};

}  // namespace langfuse_receiver

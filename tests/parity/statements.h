// What a client states about observations and scores, in a form in which two clients can be
// compared: ids are replaced by names, times by whether they are there.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/otlp_text.h"

namespace langfuse::internal {

// By subject (the name of an observation, `score <name>`, `resource`, `scope`) and key. A value is
// text; JSON in it has its keys sorted.
using Statements = std::map<std::string, std::map<std::string, std::string>>;

// The body of an export as OTLP/JSON.
Statements statements_of_export(const nlohmann::json& body);
// The body of an export as protobuf.
Statements statements_of_export(const DecodedBatch& body);
// The body of `/api/public/ingestion`. `names`: of the observations and traces, by id.
Statements statements_of_scores(const nlohmann::json& body,
                                const std::map<std::string, std::string>& names);

// The names for `statements_of_scores`; a trace has that of its root.
std::map<std::string, std::string> names_in_export(const nlohmann::json& body);
std::map<std::string, std::string> names_in_export(const DecodedBatch& body);

// A value that one client states and the other does not, or not so. "-": not stated.
struct Difference {
  std::string subject;
  std::string key;
  std::string theirs;
  std::string ours;

  bool operator<(const Difference& other) const {
    return std::tie(subject, key, theirs, ours) <
           std::tie(other.subject, other.key, other.theirs, other.ours);
  }
};

std::vector<Difference> differences(const Statements& theirs, const Statements& ours);

}  // namespace langfuse::internal

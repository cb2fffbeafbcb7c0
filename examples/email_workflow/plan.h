// The model's answers in JSON: the triage of a message, the plan for it, the verdict on a draft.
//
// Models wrap their JSON in prose and code fences; the first object in the answer counts.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace email_workflow {

// The answer cannot be used; `what()` names the missing or wrong part.
class PlanError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Triage {
  std::string category;  // `order`, `billing`, `technical`, `meeting`, `spam` or `other`
  std::string urgency;   // `low`, `normal` or `high`
};

struct ToolStep {
  std::string tool;
  nlohmann::json arguments;  // an object
};

struct Plan {
  std::vector<ToolStep> steps;
  bool wants_reply = true;
};

struct Verdict {
  double score = 0;  // 0 to 1
  std::string reason;
};

// Each throws `PlanError`.
Triage parse_triage(std::string_view answer);
Plan parse_plan(std::string_view answer);
Verdict parse_verdict(std::string_view answer);

}  // namespace email_workflow

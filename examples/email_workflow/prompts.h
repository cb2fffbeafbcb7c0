// The prompts of each step. The first line of each system message names the task.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/email_workflow/chat_client.h"
#include "examples/email_workflow/mail.h"
#include "examples/email_workflow/plan.h"

namespace email_workflow {

// A tool step of the plan, and its result.
struct ToolResult {
  std::string tool;
  nlohmann::json output;
};

ChatRequest triage_request(const Mail& mail);
ChatRequest plan_request(const Mail& mail, const Triage& triage);
ChatRequest draft_request(const Mail& mail, const std::vector<ToolResult>& results);
ChatRequest judge_request(const Mail& mail, const std::vector<ToolResult>& results,
                          const std::string& draft);

}  // namespace email_workflow

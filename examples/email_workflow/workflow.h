// The workflow: triage → plan → the plan's tool steps → verify → send, for one message after the
// other. Each message is a trace, each step an observation in it that is sent when the step ends.
#pragma once

#include <string>
#include <vector>

#include "examples/email_workflow/chat_client.h"
#include "examples/email_workflow/mail.h"
#include "examples/email_workflow/mailbox.h"
#include "examples/email_workflow/outbox.h"
#include "examples/email_workflow/plan.h"
#include "examples/email_workflow/prompts.h"
#include "examples/email_workflow/tools.h"
#include "langfuse/tracing/observe.h"

namespace email_workflow {

struct Summary {
  int answered = 0;
  int archived = 0;                   // read, and in no need of an answer
  std::vector<std::string> failures;  // "name: reason", one for each message that failed

  int handled() const { return answered + archived; }
};

// Borrows what it is given. One thread at a time.
class EmailWorkflow {
 public:
  EmailWorkflow(ChatClient& model, Toolbox& tools, const Outbox& outbox)
      : model_(model), tools_(tools), outbox_(outbox) {}

  // A message that fails is reported and does not keep the others from being handled.
  Summary run(const std::vector<RawMail>& mails);

 private:
  // The answer that was sent; empty when none was wanted.
  std::string handle(const RawMail& raw, langfuse::Observation& agent);

  Mail parse(const RawMail& raw);
  Triage triage(const Mail& mail);
  Plan make_plan(const Mail& mail, const Triage& triage);
  std::vector<ToolResult> execute(const Plan& plan);
  ToolResult run_tool(const ToolStep& step);
  std::string draft(const Mail& mail, const std::vector<ToolResult>& results);
  std::string verify(const Mail& mail, const std::vector<ToolResult>& results,
                     const std::string& draft);
  std::string guard(const std::string& draft);
  void judge(const Mail& mail, const std::vector<ToolResult>& results, const std::string& draft);
  void send(const RawMail& raw, const Mail& mail, const std::string& answer);

  ChatClient& model_;
  Toolbox& tools_;
  const Outbox& outbox_;
};

}  // namespace email_workflow

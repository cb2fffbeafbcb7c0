#include "examples/email_workflow/workflow.h"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

#include "examples/email_workflow/card_numbers.h"
#include "examples/email_workflow/model_call.h"
#include "examples/email_workflow/step.h"
#include "langfuse/json.h"
#include "langfuse/tracing/propagation.h"

namespace email_workflow {
namespace {

using langfuse::Observation;
using langfuse::ObservationType;
using langfuse::PropagatedAttributes;
using nlohmann::json;

constexpr double lowest_score = 0.5;

json as_json(const Mail& mail) {
  json attachments = json::array();
  for (const Attachment& attachment : mail.attachments) {
    attachments.push_back({{"file_name", attachment.file_name},
                           {"content_type", attachment.content_type},
                           {"size", attachment.size}});
  }
  return {{"from", mail.from.email},
          {"date", mail.date},
          {"subject", mail.subject},
          {"text", mail.text},
          {"attachments", std::move(attachments)}};
}

json as_json(const Plan& plan) {
  json steps = json::array();
  for (const ToolStep& step : plan.steps) {
    steps.push_back({{"tool", step.tool}, {"arguments", step.arguments}});
  }
  return {{"steps", std::move(steps)}, {"reply", plan.wants_reply}};
}

}  // namespace

Summary EmailWorkflow::run(const std::vector<RawMail>& mails) {
  Summary summary;
  for (const RawMail& raw : mails) {
    try {
      const std::string answer =
          run_step("handle_email", ObservationType::agent,
                   [this, &raw](Observation& agent) { return handle(raw, agent); });
      ++(answer.empty() ? summary.archived : summary.answered);
    } catch (const std::exception& error) {
      summary.failures.push_back(raw.name + ": " + error.what());
    }
  }
  return summary;
}

std::string EmailWorkflow::handle(const RawMail& raw, Observation& agent) {
  agent.set_input(raw.name).set_metadata("file", raw.name).set_metadata("size", raw.bytes.size());
  try {
    const Mail mail = parse(raw);
    agent.set_input(as_json(mail));
    // Everything in the trace can be found by its sender and its category.
    const auto sender =
        langfuse::propagate_attributes(PropagatedAttributes().set_user_id(mail.from.email));
    const Triage sorted = triage(mail);
    const auto topic =
        langfuse::propagate_attributes(PropagatedAttributes().add_tag(sorted.category));
    agent.set_metadata("category", sorted.category);
    const Plan plan = make_plan(mail, sorted);
    const std::vector<ToolResult> results = execute(plan);
    if (!plan.wants_reply) {
      spdlog::info("{}: {}, archived without an answer", raw.name, sorted.category);
      return {};
    }
    std::string answer = verify(mail, results, draft(mail, results));
    send(raw, mail, answer);
    agent.set_output(answer);
    spdlog::info("{}: {}, answered {}", raw.name, sorted.category, mail.reply_to.email);
    return answer;
  } catch (const std::exception& error) {
    // Here, so that the line is in the trace of the message.
    spdlog::error("{}: {}", raw.name, error.what());
    throw;
  }
}

Mail EmailWorkflow::parse(const RawMail& raw) {
  return run_step("parse", ObservationType::span, [&raw](Observation& step) {
    step.set_input(raw.bytes);
    Mail mail = parse_mail(raw.bytes);
    for (const std::string& warning : mail.warnings) spdlog::warn("{}: {}", raw.name, warning);
    step.set_output(as_json(mail));
    return mail;
  });
}

Triage EmailWorkflow::triage(const Mail& mail) {
  return run_step("triage", ObservationType::chain, [this, &mail](Observation& step) {
    step.set_input(mail.subject);
    Triage result = parse_triage(ask_model(model_, "classify", triage_request(mail)));
    step.set_output(json{{"category", result.category}, {"urgency", result.urgency}});
    if (result.urgency == "high") spdlog::warn("urgent: \"{}\"", mail.subject);
    return result;
  });
}

Plan EmailWorkflow::make_plan(const Mail& mail, const Triage& triage) {
  return run_step("plan", ObservationType::chain, [this, &mail, &triage](Observation& step) {
    step.set_input(json{{"category", triage.category}, {"subject", mail.subject}});
    Plan plan = parse_plan(ask_model(model_, "make_plan", plan_request(mail, triage)));
    step.set_output(as_json(plan));
    spdlog::debug("a plan of {} steps", plan.steps.size());
    return plan;
  });
}

std::vector<ToolResult> EmailWorkflow::execute(const Plan& plan) {
  return run_step("execute", ObservationType::chain, [this, &plan](Observation& step) {
    step.set_input(as_json(plan));
    std::vector<ToolResult> results;
    for (const ToolStep& tool_step : plan.steps) results.push_back(run_tool(tool_step));
    step.set_output(results.size());
    return results;
  });
}

ToolResult EmailWorkflow::run_tool(const ToolStep& tool_step) {
  const auto type =
      Toolbox::is_retriever(tool_step.tool) ? ObservationType::retriever : ObservationType::tool;
  return run_step(tool_step.tool, type, [this, &tool_step](Observation& step) {
    step.set_input(tool_step.arguments);
    ToolResult result{tool_step.tool, tools_.run(tool_step)};
    step.set_output(result.output);
    return result;
  });
}

std::string EmailWorkflow::draft(const Mail& mail, const std::vector<ToolResult>& results) {
  return ask_model(model_, "draft", draft_request(mail, results));
}

// The part of the draft that may be sent. Throws if there is none.
std::string EmailWorkflow::verify(const Mail& mail, const std::vector<ToolResult>& results,
                                  const std::string& draft) {
  return run_step("verify", ObservationType::chain,
                  [this, &mail, &results, &draft](Observation& step) {
                    step.set_input(draft);
                    std::string answer = guard(draft);
                    judge(mail, results, answer);
                    step.set_output(answer);
                    return answer;
                  });
}

std::string EmailWorkflow::guard(const std::string& draft) {
  return run_step("card_numbers", ObservationType::guardrail, [&draft](Observation& step) {
    step.set_input(draft);
    std::string answer = without_card_numbers(draft);
    const bool passed = answer == draft;
    step.set_output(json{{"passed", passed}});
    if (!passed) {
      step.set_level(langfuse::Level::warning).set_status_message("removed a card number");
      spdlog::warn("the draft quoted a card number; it was removed");
    }
    return answer;
  });
}

void EmailWorkflow::judge(const Mail& mail, const std::vector<ToolResult>& results,
                          const std::string& draft) {
  run_step("answer_quality", ObservationType::evaluator,
           [this, &mail, &results, &draft](Observation& step) {
             const Verdict verdict =
                 parse_verdict(ask_model(model_, "judge", judge_request(mail, results, draft)));
             step.set_output(json{{"score", verdict.score}, {"reason", verdict.reason}});
             if (verdict.score < lowest_score) {
               throw std::runtime_error("the draft is not good enough: " + verdict.reason);
             }
           });
}

void EmailWorkflow::send(const RawMail& raw, const Mail& mail, const std::string& answer) {
  run_step("send", ObservationType::span, [this, &raw, &mail, &answer](Observation& step) {
    step.set_input(answer).set_metadata("to", mail.reply_to.email);
    const Address from{"Lindenhof Lamps", "service@lindenhof-lamps.example"};
    const auto path = outbox_.put(raw.name, compose_reply(mail, from, answer));
    step.set_output(path.filename().string());
  });
}

}  // namespace email_workflow

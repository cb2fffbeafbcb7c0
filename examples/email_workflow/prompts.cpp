#include "examples/email_workflow/prompts.h"

#include "examples/email_workflow/tools.h"

namespace email_workflow {
namespace {

using nlohmann::json;

// A longer mail is cut: what matters stands at its beginning, quoted history at its end.
constexpr std::size_t longest_text = 6000;

std::string describe(const Mail& mail) {
  std::string text = "From: " + (mail.from.name.empty() ? mail.from.email : mail.from.name) +
                     "\nSubject: " + mail.subject + "\n";
  for (const Attachment& attachment : mail.attachments) {
    text += "Attachment: " + attachment.file_name + " (" + attachment.content_type + ")\n";
  }
  return text + "\n" + mail.text.substr(0, longest_text) + "\n";
}

std::string describe(const std::vector<ToolResult>& results) {
  std::string text = "Results:\n";
  for (const ToolResult& result : results) {
    const std::string output = result.output.dump(-1, ' ', false, json::error_handler_t::replace);
    text += "- " + result.tool + ": " + output + "\n";
  }
  return text;
}

ChatRequest request(const std::string& system, const std::string& user, double temperature,
                    int max_tokens) {
  ChatRequest result;
  result.messages = {{"system", system}, {"user", user}};
  result.temperature = temperature;
  result.max_tokens = max_tokens;
  return result;
}

}  // namespace

ChatRequest triage_request(const Mail& mail) {
  return request(
      "Task: triage\n"
      "You sort the mail of a shop's customer service. Answer with one JSON object:\n"
      "{\"category\": one of \"order\", \"billing\", \"technical\", \"meeting\", \"spam\",\n"
      "\"other\"; \"urgency\": one of \"low\", \"normal\", \"high\"}",
      describe(mail), 0, 60);
}

ChatRequest plan_request(const Mail& mail, const Triage& triage) {
  return request(
      "Task: plan\n"
      "You plan which tools are needed to answer a mail, at most eight steps. The tools:\n" +
          Toolbox::description() +
          "Answer with one JSON object:\n"
          "{\"steps\": [{\"tool\": name, \"arguments\": {...}}], \"reply\": whether to answer}\n"
          "Spam has no steps and no reply.",
      "Category: " + triage.category + "\nUrgency: " + triage.urgency + "\n" + describe(mail), 0,
      300);
}

ChatRequest draft_request(const Mail& mail, const std::vector<ToolResult>& results) {
  return request(
      "Task: draft\n"
      "You write the answer to a mail, in plain text, friendly and short. Use only what the\n"
      "results say.",
      describe(results) + "\n" + describe(mail), 0.4, 500);
}

ChatRequest judge_request(const Mail& mail, const std::vector<ToolResult>& results,
                          const std::string& draft) {
  return request(
      "Task: judge\n"
      "You check whether a drafted answer rests on the results and answers the mail. Answer with\n"
      "one JSON object: {\"score\": 0 to 1, \"reason\": one sentence}",
      describe(results) + "\nDraft:\n" + draft + "\nMail:\n" + describe(mail), 0, 120);
}

}  // namespace email_workflow

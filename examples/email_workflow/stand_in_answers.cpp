#include "examples/email_workflow/stand_in_answers.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <regex>
#include <utility>
#include <vector>

namespace email_workflow {
namespace {

using nlohmann::json;

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// The rest of the first line that begins with `label`; empty when there is none.
std::string line_after(std::string_view text, std::string_view label) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.substr(0, label.size()) == label) return std::string(line.substr(label.size()));
    at = end + 1;
  }
  return {};
}

bool has_any(const std::string& text, const std::vector<std::string_view>& words) {
  return std::any_of(words.begin(), words.end(), [&text](std::string_view word) {
    return text.find(word) != std::string::npos;
  });
}

std::string category_of(const std::string& mail) {
  // In this order: an invoice for an order is about money.
  static const std::vector<std::pair<std::string, std::vector<std::string_view>>> rules = {
      {"spam", {"lottery", "casino", "you have won", "miracle", "wire transfer fee"}},
      {"billing", {"invoice", "charged", "refund", "rechnung", "payment"}},
      {"order", {"order", "parcel", "delivery", "bestellung", "lieferung"}},
      {"technical", {"crash", "error", "password", "sign in", "firmware"}},
      {"meeting", {"meeting", "appointment", "a call", "visit you"}}};
  for (const auto& [category, words] : rules) {
    if (has_any(mail, words)) return category;
  }
  return "other";
}

std::string triage(std::string_view user) {
  const std::string mail = lower_case(user);
  const std::string category = category_of(mail);
  const bool is_urgent =
      has_any(mail, {"urgent", "immediately", "as soon as possible", "dringend"});
  const char* urgency = category == "spam" ? "low" : is_urgent ? "high" : "normal";
  return json{{"category", category}, {"urgency", urgency}}.dump();
}

json step(const std::string& tool, json arguments) {
  return {{"tool", tool}, {"arguments", std::move(arguments)}};
}

std::vector<std::string> order_numbers(const std::string& text) {
  static const std::regex pattern("\\b[A-Z]-[0-9]{4}\\b");
  std::vector<std::string> numbers;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    if (std::find(numbers.begin(), numbers.end(), match->str()) == numbers.end()) {
      numbers.push_back(match->str());
    }
  }
  return numbers;
}

std::string plan(std::string_view user) {
  const std::string category = line_after(user, "Category: ");
  const std::string subject = line_after(user, "Subject: ");
  json steps = json::array();
  if (category == "order" || category == "billing") {
    for (const std::string& number : order_numbers(std::string(user))) {
      steps.push_back(step("look_up_order", {{"order", number}}));
    }
  }
  if (category == "meeting") steps.push_back(step("find_free_slot", json::object()));
  if (category != "meeting" && category != "spam") {
    steps.push_back(step("search_knowledge", {{"query", category + " " + subject}}));
  }
  if (category == "billing" || category == "technical") {
    steps.push_back(step("open_ticket", {{"summary", subject}}));
  }
  // As models do it: a sentence and a code fence around the JSON.
  return "Here is the plan.\n```json\n" +
         json{{"steps", std::move(steps)}, {"reply", category != "spam"}}.dump(2) + "\n```";
}

// The lines `- tool: {…}` of a prompt.
std::vector<std::pair<std::string, json>> results_in(std::string_view user) {
  std::vector<std::pair<std::string, json>> results;
  for (std::size_t at = user.find("Results:\n"); at < user.size();) {
    at = std::min(user.find('\n', at), user.size()) + 1;
    if (at >= user.size() || user.substr(at, 2) != "- ") break;
    const std::string_view line = user.substr(at, user.find('\n', at) - at);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) break;
    results.emplace_back(line.substr(2, colon - 2),
                         json::parse(line.substr(colon + 2), nullptr, false));
  }
  return results;
}

// The first paragraph of an article below its title.
std::string first_paragraph(const std::string& article) {
  const std::size_t start = article.find("\n\n");
  if (start == std::string::npos) return article;
  const std::size_t end = article.find("\n\n", start + 2);
  std::string paragraph = article.substr(start + 2, end - std::min(end, start + 2));
  std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
  while (!paragraph.empty() && paragraph.back() == ' ') paragraph.pop_back();
  return paragraph;
}

// The sentence about one result for the customer; empty if there is none.
std::string sentence(const std::string& tool, const json& output) {
  if (tool == "look_up_order" && output.is_object()) {
    return "Your order " + output.value("order", "") + " (" + output.value("item", "") + ") is " +
           output.value("state", "") + ".";
  }
  if (tool == "find_free_slot" && output.is_object()) {
    return "How about " + output.value("slot", "") + "?";
  }
  if (tool == "open_ticket" && output.is_object()) {
    return "I have opened ticket " + output.value("ticket", "") +
           "; a colleague will get back to you.";
  }
  if (tool == "search_knowledge" && output.is_array() && !output.empty()) {
    return first_paragraph(output[0].value("text", ""));
  }
  return {};
}

std::string draft(std::string_view user) {
  std::string text = "Hello " + line_after(user, "From: ") +
                     ",\n\nthank you for your mail about \"" + line_after(user, "Subject: ") +
                     "\".\n";
  // The first line of the mail, after the empty line that ends its headers.
  const std::size_t headers = user.find("\nSubject: ");
  const std::size_t body = headers == std::string_view::npos ? headers : user.find("\n\n", headers);
  if (body != std::string_view::npos) {
    const std::string_view rest = user.substr(body + 2);
    text += "\n> " + std::string(rest.substr(0, rest.find('\n'))) + "\n\n";
  }
  for (const auto& [tool, output] : results_in(user)) {
    const std::string line = sentence(tool, output);
    if (!line.empty()) text += line + "\n";
  }
  return text + "\nKind regards\nThe customer service of Lindenhof Lamps\n";
}

std::string judge(std::string_view user) {
  const std::size_t start = user.find("\nDraft:\n");
  const std::string_view drafted = start == std::string_view::npos ? "" : user.substr(start);
  int used = 0;
  int usable = 0;
  for (const auto& [tool, output] : results_in(user)) {
    const std::string line = sentence(tool, output);
    if (line.empty()) continue;
    ++usable;
    if (drafted.find(line) != std::string_view::npos) ++used;
  }
  const double score = usable == 0 ? 0.75 : static_cast<double>(used) / usable;
  const std::string reason = usable == 0 ? "There are no results that the draft could rest on."
                                         : "The draft uses " + std::to_string(used) + " of " +
                                               std::to_string(usable) + " results.";
  return json{{"score", score}, {"reason", reason}}.dump();
}

}  // namespace

std::string stand_in_answer(std::string_view system, std::string_view user) {
  const std::string task = line_after(system, "Task: ");
  if (task == "triage") return triage(user);
  if (task == "plan") return plan(user);
  if (task == "draft") return draft(user);
  if (task == "judge") return judge(user);
  return "I am a stand-in and know four tasks: triage, plan, draft and judge.";
}

int stand_in_tokens(std::string_view text) {
  return static_cast<int>((text.size() + 3) / 4);
}

}  // namespace email_workflow

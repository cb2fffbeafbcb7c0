#include "examples/email_workflow/plan.h"

#include <algorithm>
#include <array>
#include <utility>

namespace email_workflow {
namespace {

using nlohmann::json;

constexpr std::size_t most_steps = 8;

// The end of the object that begins at `text[0] == '{'`; 0 when it does not end.
std::size_t object_length(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

json first_object(std::string_view answer) {
  const std::size_t start = answer.find('{');
  if (start == std::string_view::npos) throw PlanError("the answer has no JSON object");
  const std::string_view rest = answer.substr(start);
  const std::size_t length = object_length(rest);
  if (length == 0) throw PlanError("the JSON object of the answer does not end");
  json object = json::parse(rest.substr(0, length), nullptr, false);
  if (object.is_discarded()) throw PlanError("the JSON object of the answer is malformed");
  return object;
}

std::string text_field(const json& object, const std::string& name) {
  const auto field = object.find(name);
  if (field == object.end()) throw PlanError("\"" + name + "\" is missing");
  if (!field->is_string()) throw PlanError("\"" + name + "\" is not a text");
  return field->get<std::string>();
}

template <std::size_t N>
std::string one_of(const json& object, const std::string& name,
                   const std::array<std::string_view, N>& accepted) {
  std::string value = text_field(object, name);
  if (std::find(accepted.begin(), accepted.end(), value) == accepted.end()) {
    throw PlanError("\"" + name + "\" has the unknown value \"" + value + "\"");
  }
  return value;
}

ToolStep parse_step(const json& step) {
  if (!step.is_object()) throw PlanError("a step is not an object");
  ToolStep result{text_field(step, "tool"), step.value("arguments", json::object())};
  if (!result.arguments.is_object()) {
    throw PlanError("the arguments of \"" + result.tool + "\" are not an object");
  }
  return result;
}

}  // namespace

Triage parse_triage(std::string_view answer) {
  static constexpr std::array<std::string_view, 6> categories = {"order",   "billing", "technical",
                                                                 "meeting", "spam",    "other"};
  static constexpr std::array<std::string_view, 3> urgencies = {"low", "normal", "high"};
  const json object = first_object(answer);
  return {one_of(object, "category", categories), one_of(object, "urgency", urgencies)};
}

Plan parse_plan(std::string_view answer) {
  const json object = first_object(answer);
  const auto steps = object.find("steps");
  if (steps == object.end() || !steps->is_array()) throw PlanError("\"steps\" is not a list");
  if (steps->size() > most_steps) {
    throw PlanError("a plan of " + std::to_string(steps->size()) + " steps, at most " +
                    std::to_string(most_steps) + " are accepted");
  }
  Plan plan;
  for (const json& step : *steps) plan.steps.push_back(parse_step(step));
  const auto reply = object.find("reply");
  if (reply != object.end() && !reply->is_boolean()) throw PlanError("\"reply\" is not a boolean");
  plan.wants_reply = reply == object.end() || reply->get<bool>();
  return plan;
}

Verdict parse_verdict(std::string_view answer) {
  const json object = first_object(answer);
  const auto score = object.find("score");
  if (score == object.end() || !score->is_number()) throw PlanError("\"score\" is not a number");
  const double value = score->get<double>();
  if (!(value >= 0 && value <= 1)) throw PlanError("\"score\" is not between 0 and 1");
  return {value, text_field(object, "reason")};
}

}  // namespace email_workflow

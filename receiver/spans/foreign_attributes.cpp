#include "receiver/spans/foreign_attributes.h"

#include <array>
#include <map>

#include "receiver/base/text.h"

namespace langfuse_receiver {
namespace {

std::string type_of_operation(std::string_view operation) {
  static const std::map<std::string_view, const char*> types{{"chat", "GENERATION"},
                                                             {"completion", "GENERATION"},
                                                             {"text_completion", "GENERATION"},
                                                             {"generate_content", "GENERATION"},
                                                             {"generate", "GENERATION"},
                                                             {"embeddings", "EMBEDDING"},
                                                             {"invoke_agent", "AGENT"},
                                                             {"create_agent", "AGENT"},
                                                             {"execute_tool", "TOOL"}};
  const auto found = types.find(operation);
  return found == types.end() ? std::string{} : found->second;
}

std::string type_of_openinference(std::string_view kind) {
  static const std::map<std::string_view, const char*> types{
      {"CHAIN", "CHAIN"},         {"RETRIEVER", "RETRIEVER"}, {"LLM", "GENERATION"},
      {"EMBEDDING", "EMBEDDING"}, {"AGENT", "AGENT"},         {"TOOL", "TOOL"},
      {"GUARDRAIL", "GUARDRAIL"}, {"EVALUATOR", "EVALUATOR"}};
  const auto found = types.find(kind);
  return found == types.end() ? std::string{} : found->second;
}

// Text that holds JSON is read as JSON, so that a list of messages shows as one.
Json value_or_parsed(const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!text.empty() && (text.front() == '{' || text.front() == '[')) {
      if (const auto parsed = parse_json(text)) {
        return *parsed;
      }
    }
  }
  return value;
}

// The messages that older GenAI conventions send as span events.
ForeignInputOutput from_events(const std::vector<SpanEvent>& events) {
  ForeignInputOutput found;
  Json input = Json::array();
  Json output = Json::array();
  for (const SpanEvent& event : events) {
    const bool is_message =
        event.name == "gen_ai.system.message" || event.name == "gen_ai.user.message" ||
        event.name == "gen_ai.assistant.message" || event.name == "gen_ai.tool.message" ||
        event.name == "gen_ai.content.prompt";
    const bool is_choice =
        event.name == "gen_ai.choice" || event.name == "gen_ai.content.completion";
    if (!is_message && !is_choice) {
      continue;
    }
    Json message = Json::object();
    for (const Attribute& attribute : event.attributes) {
      message[attribute.key] = attribute.value;
    }
    (is_choice ? output : input).push_back(std::move(message));
  }
  if (!input.empty()) {
    found.input = std::move(input);
  }
  if (!output.empty()) {
    found.output = std::move(output);
  }
  return found;
}

}  // namespace

std::string foreign_type(const Attributes& attributes) {
  std::string type = type_of_openinference(text_attribute(attributes, "openinference.span.kind"));
  if (type.empty()) {
    type = type_of_operation(text_attribute(attributes, "gen_ai.operation.name"));
  }
  if (type.empty() && (find_attribute(attributes, "gen_ai.tool.name") != nullptr ||
                       find_attribute(attributes, "gen_ai.tool.call.id") != nullptr)) {
    type = "TOOL";
  }
  if (type.empty()) {
    for (const char* key : {"langfuse.observation.model.name", "gen_ai.request.model",
                            "gen_ai.response.model", "llm.model_name", "model"}) {
      if (find_attribute(attributes, key) != nullptr) {
        return "GENERATION";
      }
    }
  }
  return type;
}

std::string foreign_model(const Attributes& attributes) {
  for (const char* key : {"gen_ai.response.model", "ai.model.id", "gen_ai.request.model",
                          "llm.response.model", "llm.model_name", "model"}) {
    if (const auto model = text_attribute(attributes, key); !model.empty()) {
      return std::string(model);
    }
  }
  return {};
}

Json foreign_model_parameters(const Attributes& attributes) {
  if (const auto text = text_attribute(attributes, "llm.invocation_parameters"); !text.empty()) {
    if (auto parsed = parse_json(text); parsed && parsed->is_object()) {
      return *parsed;
    }
  }
  constexpr std::string_view prefix = "gen_ai.request.";
  Json parameters = Json::object();
  for (const Attribute& attribute : attributes) {
    if (starts_with(attribute.key, prefix) && attribute.key != "gen_ai.request.model") {
      parameters[attribute.key.substr(prefix.size())] = attribute.value;
    }
  }
  return parameters;
}

Json foreign_usage(const Attributes& attributes) {
  static const std::map<std::string_view, const char*> buckets{
      {"prompt_tokens", "input"},      {"input_tokens", "input"},   {"prompt", "input"},
      {"completion_tokens", "output"}, {"output_tokens", "output"}, {"completion", "output"},
      {"total_tokens", "total"},       {"total", "total"}};
  static const std::map<std::string_view, std::pair<const char*, const char*>> details{
      {"cache_read.input_tokens", {"input", "input_cached_tokens"}},
      {"cache_read_input_tokens", {"input", "input_cached_tokens"}},
      {"cache_creation.input_tokens", {"input", "input_cache_creation"}},
      {"cache_creation_input_tokens", {"input", "input_cache_creation"}},
      {"reasoning.output_tokens", {"output", "output_reasoning_tokens"}},
      {"reasoning_tokens", {"output", "output_reasoning_tokens"}}};
  Json usage = Json::object();
  std::vector<std::pair<const char*, double>> to_subtract;
  for (const Attribute& attribute : attributes) {
    std::string_view name = attribute.key;
    for (const std::string_view prefix : {"gen_ai.usage.", "llm.token_count."}) {
      if (!starts_with(name, prefix) || name == "gen_ai.usage.cost") {
        continue;
      }
      name.remove_prefix(prefix.size());
      if (const auto bucket = buckets.find(name); bucket != buckets.end()) {
        usage[bucket->second] = attribute.value;
      } else if (const auto detail = details.find(name); detail != details.end()) {
        usage[detail->second.second] = attribute.value;
        if (attribute.value.is_number()) {
          to_subtract.emplace_back(detail->second.first, attribute.value.get<double>());
        }
      } else {
        usage[std::string(name)] = attribute.value;
      }
      break;
    }
  }
  for (const auto& [bucket, count] : to_subtract) {
    if (usage.contains(bucket) && usage[bucket].is_number()) {
      usage[bucket] = std::max(0.0, usage[bucket].get<double>() - count);
    }
  }
  return usage;
}

Json foreign_cost(const Attributes& attributes) {
  for (const char* key : {"gen_ai.usage.cost", "llm.cost.total"}) {
    if (const Json* cost = find_attribute(attributes, key); cost != nullptr) {
      return {{"total", *cost}};
    }
  }
  return Json::object();
}

ForeignInputOutput foreign_input_output(const ReceivedSpan& span) {
  ForeignInputOutput found = from_events(span.events);
  if (!found.input.is_null() || !found.output.is_null()) {
    return found;
  }
  constexpr std::array<std::pair<const char*, const char*>, 5> families{
      {{"input.value", "output.value"},
       {"input", "output"},
       {"gen_ai.prompt", "gen_ai.completion"},
       {"gen_ai.input.messages", "gen_ai.output.messages"},
       {"gen_ai.tool.call.arguments", "gen_ai.tool.call.result"}}};
  for (const auto& [input_key, output_key] : families) {
    const Json* input = find_attribute(span.attributes, input_key);
    const Json* output = find_attribute(span.attributes, output_key);
    if (input == nullptr && output == nullptr) {
      continue;
    }
    found.used_keys = {input_key, output_key};
    found.input = input == nullptr ? Json{} : *input;
    found.output = output == nullptr ? Json{} : *output;
    const auto* instructions = find_attribute(span.attributes, "gen_ai.system_instructions");
    if (instructions != nullptr && found.used_keys.front() == "gen_ai.input.messages") {
      Json messages = Json::array();
      messages.push_back({{"role", "system"}, {"content", value_or_parsed(*instructions)}});
      const Json rest = value_or_parsed(found.input);
      if (rest.is_array()) {
        messages.insert(messages.end(), rest.begin(), rest.end());
      }
      found.input = std::move(messages);
      found.used_keys.emplace_back("gen_ai.system_instructions");
    }
    return found;
  }
  return found;
}

}  // namespace langfuse_receiver

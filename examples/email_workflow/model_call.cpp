#include "examples/email_workflow/model_call.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "examples/email_workflow/prices.h"
#include "examples/email_workflow/step.h"
#include "langfuse/json.h"

namespace email_workflow {
namespace {

using langfuse::Observation;
using nlohmann::json;

// Langfuse shows a list of {role, content} as a conversation.
json as_messages(const ChatRequest& request) {
  json messages = json::array();
  for (const ChatMessage& message : request.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  return messages;
}

void set_usage_and_cost(Observation& generation, const ChatReply& reply) {
  generation.set_usage("input", reply.usage.input).set_usage("output", reply.usage.output);
  if (reply.usage.input_cached > 0) {
    generation.set_usage("input_cached_tokens", reply.usage.input_cached);
  }
  if (const std::optional<Cost> cost = cost_of(reply.model, reply.usage)) {
    generation.set_cost("input", cost->input)
        .set_cost("output", cost->output)
        .set_cost("total", cost->total());
  }
}

}  // namespace

std::string ask_model(ChatClient& client, std::string_view name, const ChatRequest& request) {
  const auto type = langfuse::ObservationType::generation;
  return run_step(name, type, [&client, &request](Observation& generation) {
    generation.set_model(client.model())
        .set_model_parameter("temperature", request.temperature)
        .set_model_parameter("max_tokens", request.max_tokens)
        .set_input(as_messages(request));
    const ChatReply reply = client.complete(request);
    generation.set_model(reply.model)
        .set_output(json{{"role", "assistant"}, {"content", reply.content}});
    set_usage_and_cost(generation, reply);
    spdlog::debug("{} answered with {} tokens", reply.model, reply.usage.output);
    return reply.content;
  });
}

}  // namespace email_workflow

// A call of the model, observed as a generation: model, parameters, messages, usage and cost.
#pragma once

#include <string>
#include <string_view>

#include "examples/email_workflow/chat_client.h"

namespace email_workflow {

// Asks the model, and returns its answer. Throws `ChatError`.
std::string ask_model(ChatClient& client, std::string_view name, const ChatRequest& request);

}  // namespace email_workflow

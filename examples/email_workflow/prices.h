// The prices of tokens, for the models that the example knows.
#pragma once

#include <optional>
#include <string_view>

#include "examples/email_workflow/chat_client.h"

namespace email_workflow {

// US dollars.
struct Cost {
  double input = 0;  // cached tokens included
  double output = 0;

  double total() const { return input + output; }
};

// The cost of one call; nothing for a model that is not in the table (Langfuse then computes it
// from its own). A dated name such as `gpt-4o-mini-2024-07-18` has the price of its model.
std::optional<Cost> cost_of(std::string_view model, const TokenUsage& usage);

}  // namespace email_workflow

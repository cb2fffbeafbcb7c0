// The answers of the stand-in model: rules instead of weights, so that a prompt always has the same
// answer.
#pragma once

#include <string>
#include <string_view>

namespace email_workflow {

// The answer to a conversation of one system and one user message. The first line of `system`
// names the task: `Task: triage`, `plan`, `draft` or `judge`; anything else is answered in one
// sentence.
std::string stand_in_answer(std::string_view system, std::string_view user);

// The tokens that the stand-in counts in a text: one for every four bytes, rounded up.
int stand_in_tokens(std::string_view text);

}  // namespace email_workflow

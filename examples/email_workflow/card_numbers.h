// The guardrail of the workflow: no payment card number leaves the house.
#pragma once

#include <string>
#include <string_view>

namespace email_workflow {

// Replaces each card number (13 to 19 digits, with single spaces or dashes between them, and a
// valid Luhn sum) by `[card number]`. Other digits, order and phone numbers for instance, stay.
std::string without_card_numbers(std::string_view text);

}  // namespace email_workflow

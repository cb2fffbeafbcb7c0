#include "examples/email_workflow/prices.h"

#include <array>

namespace email_workflow {
namespace {

// US dollars for a million tokens.
struct Price {
  std::string_view model;
  double input;
  double input_cached;
  double output;
};

constexpr std::array<Price, 5> prices = {{
    {"gpt-4o", 2.50, 1.25, 10.00},
    {"gpt-4o-mini", 0.15, 0.075, 0.60},
    {"gpt-4.1", 2.00, 0.50, 8.00},
    {"gpt-4.1-mini", 0.40, 0.10, 1.60},
    {"stand-in-1", 0.10, 0.05, 0.40},
}};

bool is_price_digit(char c) {
  return c >= '0' && c <= '9';
}

// `gpt-4o-2024-11-20` is `gpt-4o` of that day; `gpt-4o-mini` is another model.
bool is_model(std::string_view name, std::string_view model) {
  if (name.substr(0, model.size()) != model) return false;
  const std::string_view rest = name.substr(model.size());
  return rest.empty() || (rest.size() > 1 && rest[0] == '-' && is_price_digit(rest[1]));
}

double dollars(double tokens, double per_million) {
  return tokens * per_million / 1e6;
}

}  // namespace

std::optional<Cost> cost_of(std::string_view model, const TokenUsage& usage) {
  for (const Price& price : prices) {
    if (!is_model(model, price.model)) continue;
    return Cost{dollars(static_cast<double>(usage.input), price.input) +
                    dollars(static_cast<double>(usage.input_cached), price.input_cached),
                dollars(static_cast<double>(usage.output), price.output)};
  }
  return std::nullopt;
}

}  // namespace email_workflow

#include "examples/email_workflow/card_numbers.h"

namespace email_workflow {
namespace {

constexpr std::size_t fewest_digits = 13;
constexpr std::size_t most_digits = 19;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool has_luhn_sum(const std::string& digits) {
  int sum = 0;
  bool doubled = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, doubled = !doubled) {
    const int value = (*digit - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

}  // namespace

std::string without_card_numbers(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      result += text[at++];
      continue;
    }
    std::string digits;
    std::size_t end = at;  // behind the last digit
    for (std::size_t i = at; i < text.size(); ++i) {
      if (is_digit(text[i])) {
        digits += text[i];
        end = i + 1;
      } else if ((text[i] != ' ' && text[i] != '-') || i != end) {
        break;
      }
    }
    const bool is_card =
        digits.size() >= fewest_digits && digits.size() <= most_digits && has_luhn_sum(digits);
    result += is_card ? "[card number]" : std::string(text.substr(at, end - at));
    at = end;
  }
  return result;
}

}  // namespace email_workflow

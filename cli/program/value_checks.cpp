#include "cli/program/value_checks.h"

#include <cstdlib>
#include <limits>

namespace langfuse_cli {
namespace {

// `CLI::PositiveNumber` names a limit of 300 digits, and lets NaN through.
std::string complaint_about_number(const std::string& text, double most, const char* wanted) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool is_right = end != text.c_str() && *end == '\0' && number > 0 && number <= most;
  return is_right ? std::string() : std::string("expected ") + wanted + ", got " + text;
}

}  // namespace

std::string complaint_about_count(const std::string& text) {
  return complaint_about_number(text, std::numeric_limits<double>::max(), "a number above 0");
}

std::string complaint_about_seconds(const std::string& text) {
  constexpr double day = 86'400;
  return complaint_about_number(text, day, "seconds above 0 and up to 86400");
}

}  // namespace langfuse_cli

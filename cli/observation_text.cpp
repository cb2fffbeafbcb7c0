#include "cli/observation_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <map>

#include "receiver/iso_time.h"

namespace langfuse_cli {

using langfuse_receiver::Json;

namespace {

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), text.size() - 1)};
}

}  // namespace

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

double number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::int64_t start_of(const Json& observation) {
  return langfuse_receiver::parse_iso_time(text_of(observation, "startTime")).value_or(0);
}

std::int64_t end_of(const Json& observation) {
  return start_of(observation) + std::llround(number_of(observation, "latency") * 1e9);
}

std::string duration_text(std::int64_t nanoseconds) {
  const char* sign = nanoseconds < 0 ? "-" : "";
  const double seconds = std::fabs(static_cast<double>(nanoseconds)) / 1e9;
  if (seconds >= 60) {
    return format("%s%.0fm %02.0fs", sign, std::floor(seconds / 60),
                  std::fmod(std::floor(seconds), 60.0));
  }
  if (seconds >= 1) {
    return format("%s%.2f s", sign, seconds);
  }
  return format(seconds >= 0.01 ? "%s%.0f ms" : "%s%.2f ms", sign, seconds * 1000);
}

std::string cost_text(double dollars) {
  return dollars >= 1 ? format("$%.2f", dollars) : format("$%.6f", dollars);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Colour colour_of_type(const std::string& type) {
  static const std::map<std::string, Colour> colours{
      {"GENERATION", Colour::magenta}, {"EMBEDDING", Colour::magenta}, {"AGENT", Colour::cyan},
      {"TOOL", Colour::yellow},        {"CHAIN", Colour::cyan},        {"RETRIEVER", Colour::green},
      {"EVALUATOR", Colour::green},    {"GUARDRAIL", Colour::green},   {"SPAN", Colour::blue}};
  const auto found = colours.find(type);
  return found == colours.end() ? Colour::dim : found->second;
}

Colour colour_of_level(const std::string& level) {
  return level == "ERROR"     ? Colour::red
         : level == "WARNING" ? Colour::yellow
         : level == "DEBUG"   ? Colour::dim
                              : Colour::none;
}

bool is_log_line(const Json& observation) {
  return text_of(observation, "type") == "EVENT" &&
         text_of(observation, "name").compare(0, 4, "log.") == 0;
}

std::string name_with_level(const Json& observation) {
  const std::string level = text_of(observation, "level");
  std::string name = text_of(observation, "name");
  return level == "DEFAULT" || level.empty() ? name : name + " [" + level + "]";
}

std::string details_of(const Json& observation) {
  std::string details = text_of(observation, "providedModelName");
  const auto append = [&details](const std::string& text) {
    if (!text.empty()) {
      details += (details.empty() ? "" : " · ") + text;
    }
  };
  const auto usage = observation.find("usageDetails");
  if (usage != observation.end() && usage->is_object() && !usage->empty()) {
    double input = 0;
    double output = 0;
    for (const auto& [key, value] : usage->items()) {
      const double count = value.is_number() ? value.get<double>() : 0.0;
      input += key.compare(0, 5, "input") == 0 ? count : 0.0;
      output += key.compare(0, 6, "output") == 0 ? count : 0.0;
    }
    append(format("%.0f → %.0f tokens", input, output));
  }
  if (const double cost = number_of(observation, "totalCost"); cost > 0) {
    append(cost_text(cost));
  }
  append(text_of(observation, "statusMessage"));
  return details;
}

std::string right_aligned(const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  return used < width ? std::string(width - used, ' ') + text : text;
}

}  // namespace langfuse_cli
